import { fieldsOf } from './onnx-metadata.js';

/** A node of the outermost graph, as far as somebody must know it who puts something around the graph. */
export interface OnnxNode {
  /** `domain.Operator`, or `Operator` alone for the standard ones. */
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Class labels that it declares (attributes classlabels_…), as text. */
  readonly classLabels: readonly string[] | null;
  /** Texts that it knows (attribute cats_strings of a one-hot encoder). */
  readonly categories: readonly string[] | null;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  /** Outputs of every type, sequences and maps too. */
  readonly outputs: readonly string[];
}

const text = new TextDecoder();

/** Field numbers: onnx/onnx.proto. @throws INF_MODEL_INVALID for bytes that are no protobuf message or are cut short */
export function readOnnxGraph(model: Uint8Array): OnnxGraph {
  const nodes: OnnxNode[] = [];
  const outputs: string[] = [];
  for (const { number, bytes: graph } of fieldsOf(model)) {
    if (number !== 7 || graph === undefined) continue;
    for (const { number: part, bytes } of fieldsOf(graph)) {
      if (part === 1 && bytes) nodes.push(nodeOf(bytes));
      if (part === 12 && bytes) outputs.push(nameOf(bytes));
    }
  }
  return { nodes, outputs };
}

function nameOf(valueInfo: Uint8Array): string {
  for (const { number, bytes } of fieldsOf(valueInfo)) if (number === 1 && bytes) return text.decode(bytes);
  return '';
}

function nodeOf(node: Uint8Array): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  let [operator, domain] = ['', ''];
  const lists: Record<string, readonly string[]> = {};
  for (const { number, bytes } of fieldsOf(node)) {
    if (bytes === undefined) continue;
    if (number === 1) inputs.push(text.decode(bytes));
    else if (number === 2) outputs.push(text.decode(bytes));
    else if (number === 4) operator = text.decode(bytes);
    else if (number === 5) Object.assign(lists, listOf(bytes));
    else if (number === 7) domain = text.decode(bytes);
  }
  const name = domain === '' || domain === 'ai.onnx' ? operator : `${domain}.${operator}`;
  const labels = lists.classlabels_strings ?? lists.classlabels_int64s ?? lists.classlabels_ints ?? null;
  return { operator: name, inputs, outputs, classLabels: labels, categories: lists.cats_strings ?? null };
}

/** The whole numbers or texts of an attribute by its name; nothing of other attributes, or of an empty list. */
function listOf(attribute: Uint8Array): Record<string, readonly string[]> {
  const items: string[] = [];
  let name = '';
  for (const { number, bytes, raw } of fieldsOf(attribute)) {
    if (number === 1 && bytes) name = text.decode(bytes);
    // Whole numbers one by one, or packed into one field.
    else if (number === 8) items.push(...(bytes === undefined ? wholeNumbers(raw).slice(1) : wholeNumbers(bytes)));
    else if (number === 9 && bytes) items.push(text.decode(bytes));
  }
  return /^(classlabels_|cats_strings$)/.test(name) && items.length > 0 ? { [name]: items } : {};
}

/** Varints as signed 64-bit numbers in decimal. */
function wholeNumbers(bytes: Uint8Array): string[] {
  const numbers: string[] = [];
  let [value, shift] = [0n, 0n];
  for (const byte of bytes) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte > 127) continue;
    numbers.push(BigInt.asIntN(64, value).toString());
    [value, shift] = [0n, 0n];
  }
  return numbers;
}
