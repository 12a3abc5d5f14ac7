import { fieldsOf } from './onnx-metadata.js';

/** What stands in a model file, read without running anything. */
export interface OnnxContent {
  readonly irVersion: number | null;
  readonly producer: string;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  /** `domain.Operator`, or `Operator` alone for the standard ones, with how often it stands in the graph and its sub-graphs. */
  readonly operators: Readonly<Record<string, number>>;
  readonly nodes: number;
  readonly constants: { readonly count: number; readonly sizeBytes: number };
}

/** Sub-graphs of If, Loop and Scan nest; a file that nests deeper than this was made to do harm. */
const MAX_DEPTH = 16;

const text = new TextDecoder();

/**
 * Counts operators, constants and operator sets of an ONNX file. Field numbers: onnx/onnx.proto.
 *
 * @throws INF_MODEL_INVALID for bytes that are no protobuf message or are cut short
 */
export function readOnnxContent(model: Uint8Array): OnnxContent {
  const found = { irVersion: null as number | null, producer: '', opsets: [] as OnnxContent['opsets'][number][] };
  const counts: Counts = { operators: new Map(), nodes: 0, constants: 0, sizeBytes: 0 };
  for (const { number, bytes, value } of fieldsOf(model)) {
    if (number === 1 && value !== undefined) found.irVersion = value;
    else if (number === 2 && bytes) found.producer = text.decode(bytes);
    else if (number === 7 && bytes) countGraph(bytes, counts, 0);
    else if (number === 8 && bytes) found.opsets.push(opsetOf(bytes));
  }
  const { operators, nodes, constants, sizeBytes } = counts;
  const sorted = [...operators].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return { ...found, operators: Object.fromEntries(sorted), nodes, constants: { count: constants, sizeBytes } };
}

interface Counts {
  readonly operators: Map<string, number>;
  nodes: number;
  constants: number;
  sizeBytes: number;
}

function opsetOf(message: Uint8Array): { domain: string; version: number } {
  let domain = '';
  let version = 0;
  for (const { number, bytes, value } of fieldsOf(message)) {
    if (number === 1 && bytes) domain = text.decode(bytes);
    if (number === 2 && value !== undefined) version = value;
  }
  return { domain, version };
}

function countGraph(graph: Uint8Array, counts: Counts, depth: number): void {
  for (const { number, bytes } of fieldsOf(graph)) {
    if (bytes === undefined) continue;
    if (number === 1) countNode(bytes, counts, depth);
    if (number === 5) {
      counts.constants += 1;
      counts.sizeBytes += bytes.length;
    }
  }
}

function countNode(node: Uint8Array, counts: Counts, depth: number): void {
  let operator = '';
  let domain = '';
  for (const { number, bytes } of fieldsOf(node)) {
    if (bytes === undefined) continue;
    if (number === 4) operator = text.decode(bytes);
    else if (number === 7) domain = text.decode(bytes);
    else if (number === 5 && depth < MAX_DEPTH) {
      // AttributeProto.g is field 6.
      for (const part of fieldsOf(bytes)) {
        if (part.number === 6 && part.bytes) countGraph(part.bytes, counts, depth + 1);
      }
    }
  }
  const name = domain === '' || domain === 'ai.onnx' ? operator : `${domain}.${operator}`;
  counts.operators.set(name, (counts.operators.get(name) ?? 0) + 1);
  counts.nodes += 1;
}
