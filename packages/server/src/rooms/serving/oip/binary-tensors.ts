import { isUtf8 } from 'node:buffer';
import {
  ARRAY_KINDS,
  type ArrayKind,
  type Datatype,
  type NamedTensor,
  type TensorData,
  type TensorSpec,
} from '../../../platform/inference/index.js';
import { badTensor, checkDatatype, readShape, sizeOf } from './json-tensors.js';

type Numbers = Exclude<TensorData, readonly string[]>;

/** Bytes before the text of an element of BYTES that say how long it is. */
const LENGTH_BYTES = 4;

/**
 * Reads one tensor of the binary extension: little-endian, row-major, nothing between the elements; an element of BYTES is
 * its length (UINT32) and its bytes. Size and shape are compared before any memory is taken.
 *
 * @throws SRV_TENSOR_INVALID
 */
export function readBinaryTensor(
  { datatype, shape: declared, bytes }: { datatype: unknown; shape: unknown; bytes: Buffer },
  spec: TensorSpec,
): NamedTensor {
  checkDatatype(datatype, spec);
  const shape = readShape(declared, spec);
  const size = sizeOf(shape);
  const data = spec.datatype === 'BYTES' ? readTexts(bytes, size, spec) : readNumbers(bytes, size, spec);
  return { name: spec.name, datatype: spec.datatype, shape, data };
}

/**
 * The one input of a raw request, whose body is nothing but its bytes: one row, and at most one more dimension that the
 * size of the body decides. The text of BYTES stands there without its length.
 *
 * @throws SRV_TENSOR_INVALID
 */
export function readRawRequest(bytes: Buffer, specs: readonly TensorSpec[]): NamedTensor {
  const [spec] = specs;
  if (spec === undefined || specs.length !== 1) {
    throw badTensor('A request without JSON', { got: 'bytes alone', expected: `${specs.length} inputs, by name` });
  }
  const one = spec.shape.map((dim, axis) => (axis === 0 && dim === -1 ? 1 : dim));
  const free = one.filter((dim) => dim === -1).length;
  if (free > 1) throw badTensor('A request without JSON', { got: 'bytes alone', expected: 'a shape as well' });
  if (spec.datatype === 'BYTES') {
    const text = Buffer.alloc(LENGTH_BYTES + bytes.length);
    text.writeUInt32LE(bytes.length);
    bytes.copy(text, LENGTH_BYTES);
    return readBinaryTensor({ datatype: 'BYTES', shape: one.map((dim) => (dim === -1 ? 1 : dim)), bytes: text }, spec);
  }
  const rest = one.reduce((product, dim) => (dim === -1 ? product : product * dim), elementBytes(spec.datatype));
  const shape = one.map((dim) => (dim === -1 ? Math.floor(bytes.length / rest) : dim));
  return readBinaryTensor({ datatype: spec.datatype, shape, bytes }, spec);
}

const elementBytes = (datatype: Exclude<Datatype, 'BYTES'>) => ARRAY_KINDS[datatype].BYTES_PER_ELEMENT;

function readNumbers(bytes: Buffer, size: number, spec: TensorSpec): TensorData {
  const datatype = spec.datatype as Exclude<Datatype, 'BYTES'>;
  const Holder: ArrayKind = ARRAY_KINDS[datatype];
  const expected = size * Holder.BYTES_PER_ELEMENT;
  if (bytes.length !== expected) throw wrongSize(spec, bytes, `${expected} bytes for ${size} elements`);
  if (datatype === 'BOOL') {
    const odd = bytes.findIndex((byte) => byte > 1);
    if (odd !== -1) throw badTensor(`Input ${spec.name}: element ${odd}`, { got: bytes[odd], expected: '0 or 1' });
  }
  // A view keeps the whole body alive and goes to a worker with all of it, so a small part of the body is copied.
  const whole = bytes.length * 2 >= bytes.buffer.byteLength;
  const aligned = whole && bytes.byteOffset % Holder.BYTES_PER_ELEMENT === 0;
  if (aligned) return new Holder(bytes.buffer, bytes.byteOffset, size);
  const copy = new Uint8Array(expected);
  copy.set(bytes);
  return new Holder(copy.buffer, 0, size);
}

function readTexts(bytes: Buffer, size: number, spec: TensorSpec): string[] {
  if (size * LENGTH_BYTES > bytes.length) throw wrongSize(spec, bytes, `at least ${size * LENGTH_BYTES} bytes`);
  const texts = new Array<string>(size);
  let at = 0;
  for (let i = 0; i < size; i += 1) {
    const length = at + LENGTH_BYTES <= bytes.length ? bytes.readUInt32LE(at) : Infinity;
    at += LENGTH_BYTES;
    if (at + length > bytes.length) throw wrongSize(spec, bytes, `more: element ${i} ends beyond them`);
    texts[i] = readText(bytes.subarray(at, at + length), `Input ${spec.name}: element ${i}`);
    at += length;
  }
  if (at !== bytes.length) throw wrongSize(spec, bytes, `${at} bytes for ${size} elements`);
  return texts;
}

/** A text that can be kept: UTF-8 without NUL. @throws SRV_TENSOR_INVALID */
export function readText(bytes: Buffer, place: string): string {
  if (!isUtf8(bytes)) throw badTensor(place, { got: `${bytes.length} bytes`, expected: 'text in UTF-8' });
  if (bytes.includes(0)) throw badTensor(place, { got: 'text with NUL', expected: 'text without NUL' });
  return bytes.toString('utf8');
}

function wrongSize({ name }: TensorSpec, { length }: Buffer, expected: string): Error {
  return badTensor(`Input ${name}: binary data`, { got: `${length} bytes`, expected });
}

/** The bytes of a tensor as the binary extension has them; numbers are not copied. */
export function tensorBytes({ datatype, data }: NamedTensor): Buffer {
  if (datatype !== 'BYTES') {
    const { buffer, byteOffset, byteLength } = data as Numbers;
    return Buffer.from(buffer, byteOffset, byteLength);
  }
  const texts = data as readonly string[];
  const bytes = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + LENGTH_BYTES + Buffer.byteLength(text), 0));
  let at = 0;
  for (const text of texts) {
    const length = bytes.write(text, at + LENGTH_BYTES);
    bytes.writeUInt32LE(length, at);
    at += LENGTH_BYTES + length;
  }
  return bytes;
}
