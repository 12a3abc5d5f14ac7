import { fieldsOf } from './onnx-metadata.js';
import { attribute, ELEMENT, firstText, node, textsOf, valueInfo } from './onnx-parts.js';
import { bytesField, numberField } from './protobuf-fields.js';

/** A graph without the nodes at its borders that are cheaper outside of it; everything between them is as it was. */
export interface LiftedGraph {
  readonly bytes: Uint8Array;
  /** The one input FP32 [rows, columns] in place of all that there were; undefined: they stayed. */
  readonly joined: { readonly name: string; readonly columns: readonly string[] } | undefined;
  readonly lookups: readonly Lookup[];
}

/** An output of texts that the lifted graph gives as places in a list. */
export interface Lookup {
  readonly output: string;
  /** The output INT32 of the lifted graph, of the same shape. */
  readonly code: string;
  readonly texts: readonly string[];
}

interface GraphNode {
  readonly raw: Uint8Array;
  readonly bytes: Uint8Array;
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

interface Graph {
  readonly nodes: readonly GraphNode[];
  /** ValueInfoProto by name, in the order of the file. */
  readonly inputs: ReadonlyMap<string, Uint8Array>;
  readonly outputs: ReadonlyMap<string, Uint8Array>;
  /** TensorProto by name. */
  readonly initializers: ReadonlyMap<string, Uint8Array>;
  readonly rest: readonly Uint8Array[];
}

/**
 * Lifts two things out of a graph, neither of which computes anything:
 *
 * - the Concat that joins columns FP32 [rows, 1], all inputs in their order: a tensor of its own for each of thirty columns costs a
 *   run of one row more than a forest of a hundred trees;
 * - the Gather that makes labels of the places that ArgMax gives: texts come out of the runtime one by one.
 *
 * Undefined where neither is there, and for graphs with graphs inside, which may see every name.
 *
 * @throws INF_MODEL_INVALID for bytes that are no protobuf message or are cut short
 */
export function liftBorders(model: Uint8Array): LiftedGraph | undefined {
  const parts = [...fieldsOf(model)];
  const graphs = parts.filter(({ number, bytes }) => number === 7 && bytes !== undefined);
  const [found] = graphs;
  const graph = graphs.length === 1 && found?.bytes !== undefined ? readGraph(found.bytes) : undefined;
  if (graph === undefined) return undefined;
  const join = findJoin(graph);
  const lookups = findLookups(graph);
  if (join === undefined && lookups.length === 0) return undefined;
  const lifted = writeGraph(graph, join, lookups);
  return {
    bytes: Buffer.concat(parts.map((part) => (part === found ? bytesField(7, lifted) : part.raw))),
    joined: join && { name: join.outputs[0] as string, columns: join.inputs },
    lookups,
  };
}

/** Undefined for a graph with graphs inside, and for one that names something twice, which the runtime has to refuse. */
function readGraph(graph: Uint8Array): Graph | undefined {
  const nodes: GraphNode[] = [];
  const inputs = new Map<string, Uint8Array>();
  const outputs = new Map<string, Uint8Array>();
  const initializers = new Map<string, Uint8Array>();
  const rest: Uint8Array[] = [];
  let named = 0;
  const keep = (values: Map<string, Uint8Array>, name: string, bytes: Uint8Array): void => {
    values.set(name, bytes);
    named += 1;
  };
  for (const { number, bytes, raw } of fieldsOf(graph)) {
    if (bytes !== undefined && number === 1) {
      if (hasGraphs(bytes)) return undefined;
      nodes.push(readNode(bytes, raw));
    } else if (bytes !== undefined && number === 11) keep(inputs, firstText(bytes, 1), bytes);
    else if (bytes !== undefined && number === 12) keep(outputs, firstText(bytes, 1), bytes);
    // What is known of inner values (13) only helps tools, and may name what is lifted.
    else if (number !== 13) {
      rest.push(raw);
      if (bytes !== undefined && number === 5) keep(initializers, firstText(bytes, 8), bytes);
    }
  }
  const made = nodes.flatMap((each) => each.outputs).filter((name) => name !== '');
  const isRepeated = named !== inputs.size + outputs.size + initializers.size || made.length !== new Set(made).size;
  return isRepeated ? undefined : { nodes, inputs, outputs, initializers, rest };
}

function readNode(bytes: Uint8Array, raw: Uint8Array): GraphNode {
  const domain = firstText(bytes, 7);
  const type = firstText(bytes, 4);
  const operator = domain === '' || domain === 'ai.onnx' ? type : `${domain}.${type}`;
  return { raw, bytes, operator, inputs: textsOf(bytes, 1), outputs: textsOf(bytes, 2) };
}

/** Attributes hold graphs: one (6) or several (11). */
function hasGraphs(node: Uint8Array): boolean {
  for (const { number, bytes } of fieldsOf(node)) {
    if (number !== 5 || bytes === undefined) continue;
    for (const part of fieldsOf(bytes)) if (part.bytes !== undefined && [6, 11].includes(part.number)) return true;
  }
  return false;
}

/** The node that joins all inputs in their order and is the only one that reads them. */
function findJoin({ nodes, inputs, outputs, initializers }: Graph): GraphNode | undefined {
  const names = [...inputs.keys()];
  const readers = nodes.filter((each) => each.inputs.some((name) => inputs.has(name)));
  const [join] = readers;
  const [joint] = join?.outputs ?? [];
  const fits =
    names.length > 1 &&
    readers.length === 1 &&
    join?.operator === 'Concat' &&
    axisOf(join.bytes) === 1 &&
    join.inputs.length === names.length &&
    join.inputs.every((name, i) => name === names[i]) &&
    joint !== undefined &&
    !outputs.has(joint) &&
    names.every((name) => !initializers.has(name) && !outputs.has(name) && isColumn(inputs.get(name) as Uint8Array));
  return fits ? join : undefined;
}

function axisOf(node: Uint8Array): number | undefined {
  for (const { number, bytes } of fieldsOf(node)) {
    if (number !== 5 || bytes === undefined || firstText(bytes, 1) !== 'axis') continue;
    for (const part of fieldsOf(bytes)) if (part.number === 3) return part.value;
  }
  return undefined;
}

/** FP32 [variable, 1]. */
function isColumn(info: Uint8Array): boolean {
  const tensor = tensorTypeOf(info);
  if (tensor === undefined) return false;
  let element = 0;
  const dims: (number | undefined)[] = [];
  for (const { number, value, bytes } of fieldsOf(tensor)) {
    if (number === 1) element = value ?? 0;
    if (number !== 2 || bytes === undefined) continue;
    for (const dim of fieldsOf(bytes)) {
      if (dim.number === 1 && dim.bytes !== undefined) dims.push([...fieldsOf(dim.bytes)].find(isSize)?.value);
    }
  }
  return element === ELEMENT.FP32 && dims.length === 2 && dims[0] === undefined && dims[1] === 1;
}

const isSize = ({ number, value }: { number: number; value?: number }) => number === 1 && value !== undefined;

/** ValueInfoProto.type.tensor_type */
function tensorTypeOf(info: Uint8Array): Uint8Array | undefined {
  for (const { number, bytes } of fieldsOf(info)) {
    if (number !== 2 || bytes === undefined) continue;
    for (const part of fieldsOf(bytes)) if (part.number === 1) return part.bytes;
  }
  return undefined;
}

/** Outputs that no node reads, looked up in a constant list of texts at the places that ArgMax gives. */
function findLookups({ nodes, outputs, initializers }: Graph): (Lookup & { readonly places: string })[] {
  const read = new Set(nodes.flatMap((each) => each.inputs));
  const places = new Set(nodes.filter(({ operator }) => operator === 'ArgMax').flatMap((each) => each.outputs));
  return nodes.flatMap(({ operator, bytes, inputs: [list = '', at = ''], outputs: [output = ''] }) => {
    if (operator !== 'Gather' || !outputs.has(output) || read.has(output) || !places.has(at)) return [];
    const texts = listOf(initializers.get(list));
    const isFirst = (axisOf(bytes) ?? 0) === 0;
    return texts !== undefined && isFirst ? [{ output, code: `fl/code/${output}`, texts, places: at }] : [];
  });
}

/** The texts of a TensorProto of one dimension. */
function listOf(tensor: Uint8Array | undefined): readonly string[] | undefined {
  if (tensor === undefined) return undefined;
  const texts = textsOf(tensor, 6);
  const [size] = [...fieldsOf(tensor)].filter(({ number }) => number === 1);
  const dims = size?.bytes === undefined ? size?.value : size.bytes.length === 1 ? size.bytes[0] : undefined;
  return texts.length > 0 && dims === texts.length ? texts : undefined;
}

function writeGraph(
  { nodes, inputs, outputs, rest }: Graph,
  join: GraphNode | undefined,
  lookups: ReturnType<typeof findLookups>,
): Buffer {
  const lookupOf = (name: string | undefined) => lookups.find(({ output }) => output === name);
  const parts = nodes.flatMap((each) => {
    if (each === join) return [];
    const lookup = each.operator === 'Gather' ? lookupOf(each.outputs[0]) : undefined;
    return lookup === undefined ? [each.raw] : [bytesField(1, castToInt32(lookup.places, lookup.code))];
  });
  const joint = { name: join?.outputs[0] ?? '', datatype: 'FP32', shape: [-1, inputs.size] } as const;
  const infos = join === undefined ? [...inputs.values()] : [valueInfo(joint)];
  const results = [...outputs].map(([name, info]) => {
    const lookup = lookupOf(name);
    return bytesField(12, lookup === undefined ? info : asInt32(info, lookup.code));
  });
  return Buffer.concat([...parts, ...rest, ...infos.map((info) => bytesField(11, info)), ...results]);
}

const castToInt32 = (from: string, to: string) =>
  node('Cast', [from], to, [attribute('to', 2, numberField(3, ELEMENT.INT32 as number))]);

/** The ValueInfoProto under another name, as INT32 of the same shape. */
function asInt32(info: Uint8Array, name: string): Buffer {
  const tensor = [...fieldsOf(tensorTypeOf(info) ?? new Uint8Array())].map(({ number, raw }) =>
    number === 1 ? numberField(1, ELEMENT.INT32 as number) : raw,
  );
  return Buffer.concat([bytesField(1, name), bytesField(2, bytesField(1, Buffer.concat(tensor)))]);
}
