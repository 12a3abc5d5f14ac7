import { inferenceErrors } from '../inference-errors.js';
import { fieldsOf } from '../onnx-metadata.js';
import { judgeLocation } from './external-location-rules.js';
import { tensorBytes } from './tensor-bytes.js';

/** A tensor whose bytes stand in a file beside the model. */
export interface ExternalTensor {
  readonly name: string;
  /** Below the model's folder. */
  readonly path: string;
  /** Half-open, in bytes of that file. */
  readonly start: number;
  readonly end: number;
  /** SHA-1 of the whole file in lower-case hex; null: the model does not say. */
  readonly sha1: string | null;
}

/** TensorProto: dims 1, data_type 2, name 8, raw_data 9, external_data 13, data_location 14 (1: EXTERNAL). */
export const [RAW_DATA, EXTERNAL_DATA, DATA_LOCATION] = [9, 13, 14];

const KEYS = ['location', 'offset', 'length', 'checksum'] as const;
const text = new TextDecoder();

/** Null: the tensor has its bytes in the model file. @throws INF_MODEL_INVALID, INF_EXTERNAL_PATH, INF_EXTERNAL_RANGE */
export function readExternalTensor(tensor: Uint8Array): ExternalTensor | null {
  const dims: number[] = [];
  const said = new Map<string, string>();
  let [name, elementType, location, hasOwnBytes] = ['', 0, 0, false];
  for (const { number, bytes, value, raw } of fieldsOf(tensor)) {
    if (number === 1) dims.push(...(bytes === undefined ? [value ?? 0] : varints(bytes)));
    else if (number === 2) elementType = value ?? 0;
    else if (number === 8 && bytes) name = text.decode(bytes);
    else if (number === RAW_DATA) hasOwnBytes = raw.length > 2;
    else if (number === DATA_LOCATION) location = value ?? 0;
    else if (number === EXTERNAL_DATA && bytes) addPair(said, bytes, name);
  }
  if (location !== 1) return null;
  if (hasOwnBytes) throw invalid(name, 'it has its bytes in the model and in a side file');
  const file = said.get('location') ?? '';
  const judged = judgeLocation(file);
  if ('problem' in judged) {
    throw inferenceErrors.INF_EXTERNAL_PATH(
      `Tensor ${shown(name)} stands in the file '${shown(file)}': ${judged.problem}.`,
      {
        data: { tensor: name.slice(0, 200), file: file.slice(0, 200), problem: judged.problem },
      },
    );
  }
  const start = wholeNumber(said, 'offset', { name, file }) ?? 0;
  const length = wholeNumber(said, 'length', { name, file });
  const needed = tensorBytes(elementType, dims);
  if (needed === null)
    throw invalid(name, `its element type ${elementType} or its shape [${dims.slice(0, 20).join(', ')}] has no size`);
  if (length !== undefined && length !== needed) {
    throw inferenceErrors.INF_EXTERNAL_RANGE(
      `Tensor ${shown(name)} has a length of ${length} bytes in ${shown(file)}, expected ${needed} for its shape.`,
      { data: { tensor: name.slice(0, 200), file, got: length, expected: needed } },
    );
  }
  return { name, path: judged.path, start, end: start + needed, sha1: said.get('checksum')?.toLowerCase() ?? null };
}

function addPair(said: Map<string, string>, pair: Uint8Array, tensor: string): void {
  let [key, value] = ['', ''];
  for (const { number, bytes } of fieldsOf(pair)) {
    if (number === 1 && bytes) key = text.decode(bytes);
    else if (number === 2 && bytes) value = text.decode(bytes);
  }
  if (!KEYS.some((known) => known === key)) return;
  if (said.has(key)) throw invalid(tensor, `it says its ${key} twice`);
  said.set(key, value);
}

function wholeNumber(
  said: ReadonlyMap<string, string>,
  key: 'offset' | 'length',
  { name, file }: { name: string; file: string },
): number | undefined {
  const value = said.get(key);
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw inferenceErrors.INF_EXTERNAL_RANGE(
    `Tensor ${shown(name)} has the ${key} '${shown(value)}' in ${shown(file)}, expected a whole number of bytes from 0.`,
    { data: { tensor: name.slice(0, 200), file, got: value.slice(0, 200) } },
  );
}

/** Packed varints; one that is greater than a number counts becomes too large to be a shape. */
function varints(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let [value, scale] = [0, 1];
  for (const byte of bytes) {
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    numbers.push(value);
    [value, scale] = [0, 1];
  }
  return numbers;
}

/** A name from a model file as it may stand in a message. */
export const shown = (name: string) => name.replace(/[\p{Cc}\p{Cs}]/gu, '?').slice(0, 200);

function invalid(tensor: string, problem: string): Error {
  return inferenceErrors.INF_MODEL_INVALID(`Tensor ${shown(tensor)} of the model cannot be read: ${problem}.`, {
    data: { tensor: tensor.slice(0, 200) },
  });
}
