import type { Datatype } from './inference-types.js';
import { fieldsOf } from './onnx-metadata.js';
import { attribute, ELEMENT, firstText, node, valueInfo } from './onnx-parts.js';
import { bytesField, numberField } from './protobuf-fields.js';

/** What is put around a model: columns of [rows, 1] in front of its inputs, other names behind its outputs. */
export interface OnnxAdapter {
  readonly inputs: readonly { readonly name: string; readonly datatype: 'FP32' | 'BYTES' }[];
  /** Which columns, joined in this order and brought to its type, an input of the model is made of. */
  readonly feeds: readonly {
    readonly input: string;
    readonly datatype: Datatype;
    readonly columns: readonly string[];
    /** Of an input that is no matrix: its whole shape, -1 for the rows. Absent: [rows, columns]. */
    readonly shape?: readonly number[];
  }[];
  /** What the outputs are called and which value of the model's graph each one is. Shape: -1 = variable. */
  readonly outputs: readonly {
    readonly name: string;
    readonly from: string;
    readonly datatype: Datatype;
    readonly shape: readonly number[];
    /** It is brought to `datatype` from another one. */
    readonly cast?: boolean;
  }[];
  /** Nodes whose outputs nobody needs any more, by their first output: a ZipMap. */
  readonly withoutNodes: readonly string[];
}

/** No column of a packaged model may begin with `fl/`, so no name of the model's own can collide with one. */
const PREFIX = 'fl/own/';

const text = new TextDecoder();
const own = (name: string) => (name === '' ? '' : `${PREFIX}${name}`);

/**
 * The model inside the adapter, as one ONNX file: its own nodes and weights as they were, all of its names prefixed.
 * Field numbers: onnx/onnx.proto.
 *
 * @throws INF_MODEL_INVALID for bytes that are no protobuf message or are cut short
 */
export function adaptOnnx(model: Uint8Array, adapter: OnnxAdapter): Uint8Array {
  const parts: Uint8Array[] = [];
  let hasStandardOperators = false;
  for (const { number, bytes, raw } of fieldsOf(model)) {
    if (number === 7 && bytes) parts.push(bytesField(7, adaptGraph(bytes, adapter)));
    else parts.push(raw);
    if (number === 8 && bytes && isStandard(bytes)) hasStandardOperators = true;
  }
  // What is put around needs Concat, Cast and Identity, which a graph of ai.onnx.ml operators alone does not import.
  if (!hasStandardOperators) parts.push(bytesField(8, numberField(2, 13)));
  return Buffer.concat(parts);
}

function isStandard(opset: Uint8Array): boolean {
  for (const { number, bytes } of fieldsOf(opset)) {
    if (number === 1 && bytes) return ['', 'ai.onnx'].includes(text.decode(bytes));
  }
  return true;
}

function adaptGraph(graph: Uint8Array, adapter: OnnxAdapter): Uint8Array {
  const fed = new Set(adapter.feeds.map(({ input }) => input));
  const nodes: Uint8Array[] = adapter.feeds.flatMap(feedNodes);
  const rest: Uint8Array[] = [];
  for (const { number, bytes, raw } of fieldsOf(graph)) {
    if (bytes === undefined) rest.push(raw);
    else if (number === 1) {
      if (!adapter.withoutNodes.includes(firstText(bytes, 2))) nodes.push(bytesField(1, prefixNode(bytes)));
    } else if (number === 11) {
      if (!fed.has(firstText(bytes, 1))) rest.push(bytesField(11, prefixNamed(bytes, 1)));
    } else if (number !== 12 && number !== 13 && number !== 14) rest.push(prefixPart(number, bytes) ?? raw);
  }
  for (const { name, from, datatype, cast } of adapter.outputs) {
    const made = cast === true ? castNode(own(from), name, datatype) : node('Identity', [own(from)], name);
    nodes.push(bytesField(1, made));
  }
  for (const { input, shape } of adapter.feeds)
    if (shape !== undefined) rest.push(bytesField(5, shapeTensor(input, shape)));
  const inputs = adapter.inputs.map((spec) => bytesField(11, valueInfo({ ...spec, shape: [-1, 1] })));
  const outputs = adapter.outputs.map((spec) => bytesField(12, valueInfo(spec)));
  return Buffer.concat([...nodes, ...rest, ...inputs, ...outputs]);
}

/** Join the columns, then bring them to the shape and the type that the model takes. */
function feedNodes({ input, datatype, columns, shape }: OnnxAdapter['feeds'][number]): Buffer[] {
  const steps: ((from: string, to: string) => Buffer)[] = [
    columns.length === 1
      ? (_from, to) => node('Identity', columns, to)
      : (_from, to) => node('Concat', columns, to, [attribute('axis', 2, numberField(3, 1))]),
  ];
  if (shape !== undefined) steps.push((from, to) => node('Reshape', [from, shapeName(input)], to));
  if (datatype !== 'FP32' && datatype !== 'BYTES') steps.push((from, to) => castNode(from, to, datatype));
  const names = steps.map((_, at) => (at === steps.length - 1 ? own(input) : `fl/joined/${at}/${input}`));
  return steps.map((step, at) => bytesField(1, step(names[at - 1] ?? '', names[at] ?? '')));
}

function castNode(from: string, to: string, datatype: Datatype): Buffer {
  return node('Cast', [from], to, [attribute('to', 2, numberField(3, ELEMENT[datatype] ?? 0))]);
}

const shapeName = (input: string) => `fl/shape/${input}`;

/** TensorProto of INT64 [dimensions]. */
function shapeTensor(input: string, shape: readonly number[]): Buffer {
  const raw = Buffer.from(BigInt64Array.from(shape, BigInt).buffer);
  const head = [numberField(1, shape.length), numberField(2, 7), bytesField(8, shapeName(input))];
  return Buffer.concat([...head, bytesField(9, raw)]);
}

/** Everything in a graph that names a value, in sub-graphs too: they see the names of the graph around them. */
function prefixGraph(graph: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { number, bytes, raw } of fieldsOf(graph)) {
    // What is known of inner values (13) and of quantisation (14) only helps tools; the runtime finds it out itself.
    if (number === 13 || number === 14) continue;
    parts.push((bytes && prefixPart(number, bytes)) ?? raw);
  }
  return Buffer.concat(parts);
}

function prefixPart(number: number, bytes: Uint8Array): Uint8Array | undefined {
  if (number === 1) return bytesField(1, prefixNode(bytes));
  if (number === 5) return bytesField(5, prefixNamed(bytes, 8));
  if (number === 11 || number === 12) return bytesField(number, prefixNamed(bytes, 1));
  if (number !== 15) return undefined;
  // A sparse initializer is named by its values.
  const parts = [...fieldsOf(bytes)].map(({ number: part, bytes: values, raw }) =>
    part === 1 && values ? bytesField(1, prefixNamed(values, 8)) : raw,
  );
  return bytesField(15, Buffer.concat(parts));
}

function prefixNode(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { number, bytes: part, raw } of fieldsOf(bytes)) {
    if (part !== undefined && (number === 1 || number === 2)) parts.push(bytesField(number, own(text.decode(part))));
    else if (part !== undefined && number === 5) parts.push(bytesField(5, prefixAttribute(part)));
    else parts.push(raw);
  }
  return Buffer.concat(parts);
}

/** Attributes hold sub-graphs: one (6) or several (11). */
function prefixAttribute(bytes: Uint8Array): Uint8Array {
  const parts = [...fieldsOf(bytes)].map(({ number, bytes: part, raw }) =>
    part !== undefined && (number === 6 || number === 11) ? bytesField(number, prefixGraph(part)) : raw,
  );
  return Buffer.concat(parts);
}

function prefixNamed(bytes: Uint8Array, field: number): Uint8Array {
  const parts = [...fieldsOf(bytes)].map(({ number, bytes: part, raw }) =>
    number === field && part !== undefined ? bytesField(field, own(text.decode(part))) : raw,
  );
  return Buffer.concat(parts);
}
