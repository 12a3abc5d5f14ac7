import { inferenceErrors } from './inference-errors.js';

const METADATA_PROPS = 14; // ModelProto.metadata_props in onnx.proto
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

interface Field {
  readonly number: number;
  /** Present for whole numbers. */
  readonly value?: number;
  /** Present for length-delimited fields. */
  readonly bytes?: Uint8Array;
  /** The field as it stands in the message, its tag included. */
  readonly raw: Uint8Array;
}

/**
 * The key-value pairs (`metadata_props`) of an ONNX file, which onnxruntime-node does not show.
 * Reads the outermost protobuf message only: weights are skipped, not decoded.
 *
 * @throws INF_MODEL_INVALID when the bytes are no protobuf message
 */
export function readOnnxMetadata(model: Uint8Array): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const { number, bytes } of fieldsOf(model)) {
    if (number !== METADATA_PROPS || bytes === undefined) continue;
    const texts = new Map<number, string>();
    for (const part of fieldsOf(bytes)) {
      if (part.bytes !== undefined) texts.set(part.number, new TextDecoder().decode(part.bytes));
    }
    Object.defineProperty(metadata, texts.get(1) ?? '', {
      value: texts.get(2) ?? '',
      enumerable: true,
      configurable: true,
    });
  }
  return metadata;
}

/** The fields of a protobuf message, one level deep. @throws INF_MODEL_INVALID */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 63; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw notProtobuf();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw notProtobuf();
  };
  while (at < message.length) {
    const start = at;
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    let length = 0;
    let value: number | undefined;
    if (wireType === VARINT) value = varint();
    else if (wireType === FIXED64) length = 8;
    else if (wireType === FIXED32) length = 4;
    else if (wireType === BYTES) length = varint();
    else throw notProtobuf();
    if (number === 0 || at + length > message.length) throw notProtobuf();
    const bytes = message.subarray(at, at + length);
    at += length;
    const raw = message.subarray(start, at);
    if (wireType === BYTES) yield { number, bytes, raw };
    else yield value === undefined ? { number, raw } : { number, value, raw };
  }
}

function notProtobuf(): Error {
  return inferenceErrors.INF_MODEL_INVALID('The file is not an ONNX model: it is no protobuf message, or cut short.');
}
