import { fieldsOf } from './onnx-metadata.js';

const text = new TextDecoder();

/**
 * Every operator of a model: of its graph, of the graphs in its nodes' attributes and of its functions. Standard ones by
 * their name, others as `domain.Operator`. Field numbers: onnx/onnx.proto.
 *
 * @throws INF_MODEL_INVALID for bytes that are no protobuf message or are cut short
 */
export function readOnnxOperators(model: Uint8Array): string[] {
  const found = new Set<string>();
  for (const { number, bytes } of fieldsOf(model)) {
    if (bytes === undefined) continue;
    if (number === 7) addNodes(bytes, 1, found);
    else if (number === 25) addNodes(bytes, 7, found);
  }
  return [...found].sort();
}

/** `nodeField`: 1 in a GraphProto, 7 in a FunctionProto. */
function addNodes(holder: Uint8Array, nodeField: number, found: Set<string>): void {
  for (const { number, bytes } of fieldsOf(holder)) if (number === nodeField && bytes) addNode(bytes, found);
}

function addNode(node: Uint8Array, found: Set<string>): void {
  let [operator, domain] = ['', ''];
  for (const { number, bytes } of fieldsOf(node)) {
    if (bytes === undefined) continue;
    if (number === 4) operator = text.decode(bytes);
    else if (number === 7) domain = text.decode(bytes);
    else if (number === 5) addAttribute(bytes, found);
  }
  found.add(domain === '' || domain === 'ai.onnx' ? operator : `${domain}.${operator}`);
}

function addAttribute(attribute: Uint8Array, found: Set<string>): void {
  for (const { number, bytes } of fieldsOf(attribute)) {
    // g = 6, graphs = 11
    if ((number === 6 || number === 11) && bytes) addNodes(bytes, 1, found);
  }
}
