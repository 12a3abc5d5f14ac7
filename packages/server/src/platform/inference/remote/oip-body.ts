import { ARRAY_KINDS, DATATYPES } from '../datatypes.js';
import type { Datatype, NamedTensor, TensorData, TensorSpec } from '../inference-types.js';
import { unusable } from './model-protocol.js';

// Bodies of the Open Inference Protocol as a client writes and reads them, with its binary tensor extension: JSON, then the
// raw tensors in order, little-endian and row-major; text with its length as a uint32 in front of each element.

export interface OipBody {
  readonly jsonBytes: number;
  readonly body: Buffer;
}

/** The request for one batch; every output is asked for in binary. */
export function writeInferRequest(inputs: readonly NamedTensor[], outputs: readonly string[]): OipBody {
  const raw = inputs.map(({ data }) => bytesOf(data));
  const json = Buffer.from(
    JSON.stringify({
      inputs: inputs.map(({ name, datatype, shape }, i) => ({
        name,
        datatype,
        shape,
        parameters: { binary_data_size: raw[i]?.byteLength },
      })),
      outputs: outputs.map((name) => ({ name, parameters: { binary_data: true } })),
    }),
  );
  return { jsonBytes: json.byteLength, body: Buffer.concat([json, ...raw]) };
}

/**
 * The same in JSON alone, for servers without the extension. Null: a number is missing or infinite, or of a type that JSON has no form
 * for.
 */
export function writeJsonRequest(inputs: readonly NamedTensor[], outputs: readonly string[]): OipBody | null {
  const tensors = inputs.map(({ name, datatype, shape, data }) => {
    const cells = Array.from(data as ArrayLike<number | bigint | string>);
    const values = datatype === 'BOOL' ? cells.map((cell) => cell === 1) : cells.map(plainCell);
    return { name, datatype, shape, data: values };
  });
  const odd = tensors.some(
    ({ datatype, data }) => datatype === 'FP16' || (data as readonly unknown[]).includes(undefined),
  );
  if (odd) return null;
  const body = Buffer.from(JSON.stringify({ inputs: tensors, outputs: outputs.map((name) => ({ name })) }));
  return { jsonBytes: body.byteLength, body };
}

/** Undefined: JSON cannot say it. */
function plainCell(cell: number | bigint | string): number | string | undefined {
  const value = typeof cell === 'bigint' ? Number(cell) : cell;
  if (typeof value === 'string') return value;
  return typeof cell === 'bigint'
    ? Number.isSafeInteger(value)
      ? value
      : undefined
    : Number.isFinite(value)
      ? value
      : undefined;
}

/** Whether the server's own metadata names the extension. */
export function takesBinaryTensors(body: Buffer): boolean {
  const { extensions } = readObject(body) as { extensions?: unknown };
  return Array.isArray(extensions) && extensions.includes('binary_tensor_data');
}

function bytesOf(data: TensorData): Buffer {
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const texts = (data as readonly string[]).map((text) => Buffer.from(text));
  const whole = Buffer.alloc(texts.reduce((size, text) => size + 4 + text.byteLength, 0));
  let at = 0;
  for (const text of texts) {
    whole.writeUInt32LE(text.byteLength, at);
    at += 4 + text.copy(whole, at + 4);
  }
  return whole;
}

interface JsonOutput {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: unknown;
  readonly parameters?: { readonly binary_data_size?: number };
}

/**
 * The wanted outputs of an answer, in the order asked; tensors may come in binary or as JSON.
 *
 * @throws INF_REMOTE_ANSWER for what is no such answer
 */
export function readInferAnswer(body: Buffer, jsonBytes: number | undefined, wanted: readonly string[]): NamedTensor[] {
  if (jsonBytes !== undefined && !(jsonBytes >= 0 && jsonBytes <= body.byteLength)) throw unusable('its header length');
  const { outputs } = readObject(body.subarray(0, jsonBytes ?? body.byteLength)) as { outputs?: JsonOutput[] };
  if (!Array.isArray(outputs)) throw unusable('outputs');
  let at = jsonBytes ?? body.byteLength;
  const read = new Map<string, NamedTensor>();
  for (const output of outputs) {
    const size = output.parameters?.binary_data_size;
    if (size !== undefined && !(Number.isSafeInteger(size) && size >= 0 && at + size <= body.byteLength)) {
      throw unusable(`the size of ${output.name}`);
    }
    read.set(output.name, tensorOf(output, size === undefined ? undefined : body.subarray(at, at + size)));
    at += size ?? 0;
  }
  if (at !== body.byteLength) throw unusable('its length');
  return wanted.map((name) => {
    const tensor = read.get(name);
    if (tensor === undefined) throw unusable(`output ${name}`);
    return tensor;
  });
}

/** Inputs and outputs of a model's metadata. @throws INF_REMOTE_ANSWER */
export function readMetadata(body: Buffer): { inputs: TensorSpec[]; outputs: TensorSpec[] } {
  const { inputs, outputs } = readObject(body) as { inputs?: JsonOutput[]; outputs?: JsonOutput[] };
  const specs = (tensors: JsonOutput[] | undefined, what: string) => {
    if (!Array.isArray(tensors) || tensors.length === 0) throw unusable(what);
    return tensors.map(({ name, datatype, shape }) => ({ name, datatype: datatypeOf(datatype), shape: dims(shape) }));
  };
  return { inputs: specs(inputs, 'its inputs'), outputs: specs(outputs, 'its outputs') };
}

function readObject(bytes: Buffer): object {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw unusable('its JSON');
}

function tensorOf({ name, datatype: text, shape, data }: JsonOutput, raw: Buffer | undefined): NamedTensor {
  const datatype = datatypeOf(text);
  const size = dims(shape).reduce((product, dim) => product * dim, 1);
  const values = raw === undefined ? fromJson(datatype, data) : fromBytes(datatype, raw);
  if (values === undefined || values.length !== size) throw unusable(`the data of ${name}`);
  return { name, datatype, shape, data: values };
}

function datatypeOf(text: unknown): Datatype {
  if (typeof text === 'string' && Object.hasOwn(DATATYPES, text)) return text as Datatype;
  throw unusable(`the datatype ${String(text)}`);
}

function dims(shape: unknown): readonly number[] {
  if (Array.isArray(shape) && shape.every((dim) => Number.isSafeInteger(dim) && dim >= -1)) return shape as number[];
  throw unusable('a shape');
}

function fromBytes(datatype: Datatype, raw: Buffer): TensorData | undefined {
  if (datatype === 'BYTES') return textsOf(raw);
  const holder = ARRAY_KINDS[datatype];
  if (raw.byteLength % holder.BYTES_PER_ELEMENT !== 0) return undefined;
  // A copy that begins at a whole element.
  const whole = new Uint8Array(raw);
  return new holder(whole.buffer, 0, raw.byteLength / holder.BYTES_PER_ELEMENT);
}

function textsOf(raw: Buffer): string[] | undefined {
  const texts: string[] = [];
  for (let at = 0; at < raw.byteLength; ) {
    if (at + 4 > raw.byteLength) return undefined;
    const end = at + 4 + raw.readUInt32LE(at);
    if (end > raw.byteLength) return undefined;
    texts.push(raw.toString('utf8', at + 4, end));
    at = end;
  }
  return texts;
}

function fromJson(datatype: Datatype, data: unknown): TensorData | undefined {
  if (!Array.isArray(data)) return undefined;
  const flat = data.flat(Number.POSITIVE_INFINITY) as unknown[];
  if (datatype === 'BYTES') return flat.map(String);
  if (datatype === 'UINT64' || datatype === 'INT64') {
    if (!flat.every((value) => Number.isSafeInteger(value))) return undefined;
    return ARRAY_KINDS[datatype].from((flat as number[]).map(BigInt));
  }
  // FP16 has no form in JSON.
  if (datatype === 'FP16' || !flat.every((value) => typeof value === 'number' || typeof value === 'boolean'))
    return undefined;
  return ARRAY_KINDS[datatype].from(flat.map(Number));
}
