import { encodeUtf8, littleEndian, ProtobufWriter } from './onnx-protobuf.js';

// Field numbers: onnx/onnx.proto (ONNX 1.17). IR 9 and these operator sets run on every ONNX Runtime since 1.17.
const IR_VERSION = 9;
const OPSETS = [
  { domain: '', version: 19 },
  { domain: 'ai.onnx.ml', version: 3 },
] as const;
/** Imported only by graphs that use it: splitting and hashing of texts are in no standard operator set. */
const MICROSOFT = { domain: 'com.microsoft', version: 1 } as const;

const ELEMENT = { float: 1, int64: 7, string: 8, double: 11 } as const;
export type ElementType = keyof typeof ELEMENT;

/** [N] is written as 'N': a free dimension. */
export type Shape = readonly (number | 'N')[];

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly floats: Float32Array }
  | { readonly ints: Iterable<number> }
  | { readonly strings: readonly string[] };

export type Constant = Float32Array | Float64Array | BigInt64Array | readonly string[];

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  /** Default: a fresh name after the operator. */
  readonly output?: string | readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** True for an operator of ai.onnx.ml. */
  readonly ml?: boolean;
  /** True for an operator of com.microsoft, which every build of ONNX Runtime has; other runtimes do not. */
  readonly microsoft?: boolean;
}

/** Collects one graph and writes it as a ModelProto. Names of values are the caller's; `constant` returns its own. */
export class OnnxGraph {
  /** No feature of the graph can be NaN, so trees need not ask for it. */
  readonly featuresComplete: boolean;
  readonly #body = new ProtobufWriter();
  readonly #ends = new ProtobufWriter();
  #constants = 0;
  #nodes = 0;
  #microsoft = false;
  readonly #taken = new Map<string, number>();

  constructor({ featuresComplete = false }: { readonly featuresComplete?: boolean } = {}) {
    this.featuresComplete = featuresComplete;
  }

  /** A name for a value of the graph that nothing else has: `fl/<stem>`, then `fl/<stem>_1`, … */
  fresh(stem: string): string {
    const count = this.#taken.get(stem) ?? 0;
    this.#taken.set(stem, count + 1);
    return count === 0 ? `fl/${stem}` : `fl/${stem}_${count}`;
  }

  input(name: string, type: ElementType, shape: Shape): this {
    this.#ends.message(11, valueInfo(name, type, shape));
    return this;
  }

  output(name: string, type: ElementType, shape: Shape): this {
    this.#ends.message(12, valueInfo(name, type, shape));
    return this;
  }

  /** Adds an initialiser and returns its name. */
  constant(values: Constant, dims: readonly number[]): string {
    const name = `fl/constant_${this.#constants++}`;
    const tensor = new ProtobufWriter().packedInts(1, dims);
    if (isStrings(values)) {
      tensor.int(2, ELEMENT.string);
      for (const value of values) tensor.bytes(6, encodeUtf8(value));
    } else {
      tensor.int(2, typeOf(values)).bytes(9, new Uint8Array(littleEndian(values)));
    }
    this.#body.message(5, tensor.string(8, name));
    return name;
  }

  /** Adds a node and returns the name of its (first) output. */
  node(spec: NodeSpec): string {
    const output = spec.output ?? this.fresh(spec.op.toLowerCase());
    const outputs = typeof output === 'string' ? [output] : output;
    const node = new ProtobufWriter();
    for (const input of spec.inputs) node.string(1, input);
    for (const output of outputs) node.string(2, output);
    node.string(3, `node_${this.#nodes++}`).string(4, spec.op);
    for (const [name, value] of Object.entries(spec.attributes ?? {})) node.message(5, attribute(name, value));
    if (spec.ml) node.string(7, 'ai.onnx.ml');
    if (spec.microsoft) node.string(7, MICROSOFT.domain);
    this.#microsoft ||= spec.microsoft === true;
    this.#body.message(1, node);
    return outputs[0];
  }

  /** The model file. `metadata` becomes metadata_props. */
  finish(name: string, metadata: Readonly<Record<string, string>>): Uint8Array {
    const graph = new ProtobufWriter();
    const model = new ProtobufWriter().int(1, IR_VERSION).string(2, 'fairlead');
    const parts = concat(this.#body.finish(), new ProtobufWriter().string(2, name).finish(), this.#ends.finish());
    graph.bytes(7, parts);
    for (const opset of this.#microsoft ? [...OPSETS, MICROSOFT] : OPSETS) {
      model.message(8, new ProtobufWriter().string(1, opset.domain).int(2, opset.version));
    }
    for (const [key, value] of Object.entries(metadata)) {
      model.message(14, new ProtobufWriter().string(1, key).string(2, value));
    }
    return concat(model.finish(), graph.finish());
  }
}

function isStrings(values: Constant): values is readonly string[] {
  return Array.isArray(values);
}

function typeOf(values: Float32Array | Float64Array | BigInt64Array): number {
  if (values instanceof Float32Array) return ELEMENT.float;
  return values instanceof Float64Array ? ELEMENT.double : ELEMENT.int64;
}

function attribute(name: string, value: Attribute): ProtobufWriter {
  const out = new ProtobufWriter().string(1, name);
  if ('int' in value) return out.int(3, value.int).int(20, 2);
  if ('float' in value) return out.float(2, value.float).int(20, 1);
  if ('string' in value) return out.string(4, value.string).int(20, 3);
  if ('floats' in value) return out.packedFloats(7, value.floats).int(20, 6);
  if ('ints' in value) return out.packedInts(8, value.ints).int(20, 7);
  for (const item of value.strings) out.string(9, item);
  return out.int(20, 8);
}

function valueInfo(name: string, type: ElementType, shape: Shape): ProtobufWriter {
  const dims = new ProtobufWriter();
  for (const dim of shape) {
    dims.message(1, dim === 'N' ? new ProtobufWriter().string(2, 'N') : new ProtobufWriter().int(1, dim));
  }
  const tensor = new ProtobufWriter().int(1, ELEMENT[type]).message(2, dims);
  return new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensor));
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
