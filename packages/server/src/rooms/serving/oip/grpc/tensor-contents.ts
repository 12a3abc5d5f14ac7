import { ProtoReader, type ProtoWriter, readPackedVarints } from '../../../../platform/grpc/index.js';
import type { Datatype, NamedTensor, TensorData, TensorSpec } from '../../../../platform/inference/index.js';
import { readText, tensorBytes } from '../binary-tensors.js';
import { badTensor, checkDatatype, readShape, sizeOf } from '../json-tensors.js';
import type { TensorMessage } from './infer-message.js';

interface Contents {
  /** Field of `InferTensorContents` that holds the elements. */
  readonly field: number;
  /** bits, and whether below zero is possible; absent for what is no whole number. */
  readonly range?: readonly [bits: number, signed: boolean];
  readonly allocate: (length: number) => TensorData;
}

const CONTENTS: Readonly<Record<Exclude<Datatype, 'FP16'>, Contents>> = {
  BOOL: { field: 1, range: [1, false], allocate: (n) => new Uint8Array(n) },
  INT8: { field: 2, range: [8, true], allocate: (n) => new Int8Array(n) },
  INT16: { field: 2, range: [16, true], allocate: (n) => new Int16Array(n) },
  INT32: { field: 2, range: [32, true], allocate: (n) => new Int32Array(n) },
  INT64: { field: 3, range: [64, true], allocate: (n) => new BigInt64Array(n) },
  UINT8: { field: 4, range: [8, false], allocate: (n) => new Uint8Array(n) },
  UINT16: { field: 4, range: [16, false], allocate: (n) => new Uint16Array(n) },
  UINT32: { field: 4, range: [32, false], allocate: (n) => new Uint32Array(n) },
  UINT64: { field: 5, range: [64, false], allocate: (n) => new BigUint64Array(n) },
  FP32: { field: 6, allocate: (n) => new Float32Array(n) },
  FP64: { field: 7, allocate: (n) => new Float64Array(n) },
  BYTES: { field: 8, allocate: (n) => new Array<string>(n) },
};

/**
 * The tensor of an input whose elements stand in its `contents`. Sizes are compared before memory is taken.
 *
 * @throws SRV_TENSOR_INVALID, GRPC_MESSAGE_INVALID
 */
export function readContents(message: TensorMessage, spec: TensorSpec): NamedTensor {
  checkDatatype(message.datatype, spec);
  const place = `Input ${spec.name}`;
  if (spec.datatype === 'FP16') {
    throw badTensor(place, { got: 'FP16 in contents', expected: 'raw_input_contents, which alone can hold it' });
  }
  const contents = CONTENTS[spec.datatype];
  const shape = readShape(message.shape, spec);
  const size = sizeOf(shape);
  const bytes = message.contents ?? Buffer.alloc(0);
  // An element takes a byte at least, so that a small message cannot ask for a large tensor.
  if (size > bytes.length) throw wrongCount(place, bytes.length, size);
  const data = contents.allocate(size) as unknown as (number | bigint | string)[];
  let count = 0;
  const add = (element: number | bigint | string) => {
    if (count < size) data[count] = element;
    count += 1;
  };
  const reader = new ProtoReader(bytes);
  while (reader.next()) {
    if (reader.field === contents.field)
      readField(reader, { contents, spec, add, place: () => `${place}: element ${count}` });
    else if (reader.isLength && reader.bytes().length === 0) continue;
    else throw badTensor(place, { got: `contents of field ${reader.field}`, expected: `those of ${spec.datatype}` });
  }
  if (count !== size) throw wrongCount(place, count, size);
  return { name: spec.name, datatype: spec.datatype, shape, data: data as unknown as TensorData };
}

function wrongCount(place: string, got: number, size: number): Error {
  return badTensor(`${place}: contents`, { got: `at most ${got} elements`, expected: `${size} for the shape` });
}

interface Field {
  readonly contents: Contents;
  readonly spec: TensorSpec;
  readonly add: (element: number | bigint | string) => void;
  readonly place: () => string;
}

function readField(reader: ProtoReader, { contents: { range }, spec, add, place }: Field): void {
  if (spec.datatype === 'BYTES') add(readText(reader.bytes(), place()));
  else if (spec.datatype === 'FP32') readFloats(reader, add);
  else if (spec.datatype === 'FP64') readDoubles(reader, add);
  else if (range !== undefined) readIntegers(reader, { range, add, place });
}

function readFloats(reader: ProtoReader, add: Field['add']): void {
  if (!reader.isLength) {
    add(reader.float());
    return;
  }
  const packed = reader.bytes();
  if (packed.length % 4 !== 0) throw badTensor('fp32_contents', { got: `${packed.length} bytes`, expected: '4 each' });
  for (let at = 0; at < packed.length; at += 4) add(packed.readFloatLE(at));
}

function readDoubles(reader: ProtoReader, add: Field['add']): void {
  if (!reader.isLength) {
    add(reader.double());
    return;
  }
  const packed = reader.bytes();
  if (packed.length % 8 !== 0) throw badTensor('fp64_contents', { got: `${packed.length} bytes`, expected: '8 each' });
  for (let at = 0; at < packed.length; at += 8) add(packed.readDoubleLE(at));
}

interface Integers {
  readonly range: readonly [bits: number, signed: boolean];
  readonly add: Field['add'];
  readonly place: () => string;
}

function readIntegers(reader: ProtoReader, { range: [bits, signed], add, place }: Integers): void {
  const take = (low: number, high: number) => {
    const whole = (BigInt(high) << 32n) | BigInt(low);
    const value = signed ? BigInt.asIntN(64, whole) : whole;
    const narrow = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
    if (narrow !== value) {
      throw badTensor(place(), { got: value, expected: `a whole number of ${bits} bits` });
    }
    add(bits === 64 ? value : Number(value));
  };
  if (reader.isLength) {
    readPackedVarints(reader.bytes(), take);
    return;
  }
  const value = reader.uint64();
  take(Number(value & 0xffff_ffffn), Number(value >> 32n));
}

/** Writes a tensor's elements as `InferTensorContents`; FP16 has no such form. */
export function writeContents(writer: ProtoWriter, tensor: NamedTensor): void {
  const { datatype, data } = tensor;
  if (datatype === 'FP16') throw new Error('FP16 has no typed contents');
  const { field } = CONTENTS[datatype];
  if (datatype === 'BYTES') for (const text of data as readonly string[]) writer.textItem(field, text);
  // Packed floats and truth values are what the tensor's bytes are.
  else if (['FP32', 'FP64', 'BOOL'].includes(datatype)) writer.bytesItem(field, tensorBytes(tensor));
  else writer.packedIntegers(field, data as ArrayLike<number | bigint>);
}
