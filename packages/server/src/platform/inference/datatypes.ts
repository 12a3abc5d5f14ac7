import type { Datatype, TensorData } from './inference-types.js';

interface DatatypeSpec {
  /** Name in onnxruntime. */
  readonly ort: string;
  readonly holds: (data: TensorData) => boolean;
  /** What to put into `data`, for messages. */
  readonly holder: string;
}

const of = (ort: string, holder: { new (): object; readonly name: string }): DatatypeSpec => ({
  ort,
  holder: holder.name,
  holds: (data) => data instanceof holder,
});

export const DATATYPES: Readonly<Record<Datatype, DatatypeSpec>> = {
  BOOL: of('bool', Uint8Array),
  UINT8: of('uint8', Uint8Array),
  UINT16: of('uint16', Uint16Array),
  UINT32: of('uint32', Uint32Array),
  UINT64: of('uint64', BigUint64Array),
  INT8: of('int8', Int8Array),
  INT16: of('int16', Int16Array),
  INT32: of('int32', Int32Array),
  INT64: of('int64', BigInt64Array),
  FP16: of('float16', Uint16Array),
  FP32: of('float32', Float32Array),
  FP64: of('float64', Float64Array),
  BYTES: { ort: 'string', holder: 'string[]', holds: (data) => Array.isArray(data) },
};

export interface ArrayKind {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Exclude<TensorData, readonly string[]>;
}

/** What holds the little-endian bytes of each datatype; texts have a form of their own. */
export const ARRAY_KINDS = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const satisfies Readonly<Record<Exclude<Datatype, 'BYTES'>, ArrayKind>>;

const BY_ORT_NAME = new Map(Object.entries(DATATYPES).map(([datatype, spec]) => [spec.ort, datatype as Datatype]));

/** The protocol's name for an onnxruntime type; undefined for types we cannot carry, such as int4. */
export function datatypeOf(ortType: string): Datatype | undefined {
  return BY_ORT_NAME.get(ortType);
}
