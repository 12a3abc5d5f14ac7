import type { Rng } from '@fairlead/num';
import { frame } from '../../../packages/server/src/platform/grpc/grpc-client.fixture.js';
import { ProtoWriter } from '../../../packages/server/src/platform/grpc/index.js';
import { exampleRow } from '../../harness/port-weather.js';
import type { Attempt } from '../../hostile/send-request.js';

interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly raw: Buffer;
}

/** A request that is answered, in both forms. */
export interface Tensors {
  readonly inputs: readonly Tensor[];
  message(inputs?: readonly Tensor[], raws?: readonly Buffer[]): Buffer;
}

/** Two rows of the example for a model with these metadata. */
export function validTensors(metadata: unknown): Tensors {
  const { inputs: specs } = metadata as { inputs: readonly { name: string; datatype: string }[] };
  const inputs = specs.map(({ name, datatype }) => {
    const cell = exampleRow[name as keyof typeof exampleRow];
    return { name, datatype, shape: [2, 1], raw: Buffer.concat([bytesOf(cell, datatype), bytesOf(cell, datatype)]) };
  });
  const message: Tensors['message'] = (changed = inputs, raws = changed.map(({ raw }) => raw)) => {
    const writer = new ProtoWriter().text(1, 'rain').text(3, 'fuzz');
    for (const { name, datatype, shape } of changed) {
      writer.message(5, (input) => input.text(1, name).text(2, datatype).packedIntegers(3, shape));
    }
    for (const raw of raws) writer.bytesItem(7, raw);
    return writer.finish();
  };
  return { inputs, message };
}

function bytesOf(cell: unknown, datatype: string): Buffer {
  if (datatype === 'BYTES') {
    const text = Buffer.from(String(cell));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([length, text]);
  }
  if (datatype === 'BOOL') return Buffer.from([cell === true ? 1 : 0]);
  if (datatype === 'FP32') return Buffer.from(Float32Array.of(Number(cell)).buffer);
  throw new Error(`no bytes for ${datatype}`);
}

const LENGTHS = [0, 1, -1, 3, 255, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, 1e300];
const DIMENSIONS = [...LENGTHS, 0.5, Number.NaN, 2, 5_000];
const DATATYPES = ['FP64', 'FP16', 'INT64', 'UINT8', 'BOOL', 'BYTES', 'BF16', 'fp32', '', 'FP32\0', '\u{1F4A9}'];
const NAMES = ['', 'wind', 'WIND', '__proto__', 'constructor', 'x'.repeat(5_000), '../../etc/passwd', 'wind\0'];

const pick = <T>(values: readonly T[], rng: Rng): T => values[rng.int(values.length)] as T;

/** Flips, cuts, doubles or fills a few bytes. */
function damage(bytes: Buffer, rng: Rng): Buffer {
  const at = rng.int(Math.max(1, bytes.length));
  const copy = Buffer.from(bytes);
  switch (rng.int(5)) {
    case 0:
      if (copy.length > 0) copy[at] = (copy[at] as number) ^ (1 << rng.int(8));
      return copy;
    case 1:
      return copy.subarray(0, at);
    case 2:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - 20), at), copy.subarray(at)]);
    case 3:
      return copy.fill(pick([0, 0x7f, 0xff], rng), at, Math.min(copy.length, at + 1 + rng.int(8)));
    default:
      return Buffer.concat([copy, Buffer.alloc(1 + rng.int(64), rng.int(256))]);
  }
}

/** One tensor of the request says something about itself that is not so. */
function lie(inputs: readonly Tensor[], rng: Rng): Tensor[] {
  const at = rng.int(inputs.length);
  const change = (tensor: Tensor): Partial<Tensor> => {
    switch (rng.int(5)) {
      case 0:
        return { shape: Array.from({ length: rng.int(5) }, () => pick(DIMENSIONS, rng)) };
      case 1:
        return { datatype: pick(DATATYPES, rng) };
      case 2:
        return { name: pick(NAMES, rng) };
      case 3:
        return { raw: damage(tensor.raw, rng) };
      default:
        return { shape: [pick(DIMENSIONS, rng), 1] };
    }
  };
  const changed = inputs.map((tensor, i) => (i === at ? { ...tensor, ...change(tensor) } : tensor));
  return rng.next() < 0.1 ? [...changed, changed[at] as Tensor] : changed;
}

/** A request with binary tensors: every tenth is as it should be, the others lie once or more. */
export function hostileBinary({ inputs }: Tensors, rng: Rng, round: number): Attempt {
  const honest = round % 10 === 0;
  const lies = honest ? inputs : lie(inputs, rng);
  const sizeOf = (raw: Buffer) => (honest || rng.next() < 0.8 ? raw.length : pick(LENGTHS, rng));
  const json = Buffer.from(
    JSON.stringify({
      ...(rng.next() < 0.2 && !honest ? { id: pick(NAMES, rng) } : {}),
      inputs: lies.map(({ raw, ...tensor }) => ({ ...tensor, parameters: { binary_data_size: sizeOf(raw) } })),
      ...(rng.next() < 0.3 && !honest
        ? { outputs: [{ name: pick([...NAMES, 'label'], rng), parameters: { binary_data: true } }] }
        : {}),
    }),
  );
  const body = Buffer.concat([json, ...lies.map(({ raw }) => raw)]);
  const length = honest || rng.next() < 0.8 ? json.length : pick([...LENGTHS, json.length - 1, json.length + 1], rng);
  const sent = honest || rng.next() < 0.7 ? body : damage(body, rng);
  return {
    method: 'POST',
    path: '/v2/models/rain/infer',
    headers: {
      host: '127.0.0.1',
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(length),
      'content-length': String(sent.length),
    },
    body: sent,
  };
}

/** A call of ModelInfer: every tenth is as it should be, the others lie in their tensors, their bytes or their frame. */
export function hostileCall(valid: Tensors, rng: Rng, round: number) {
  if (round % 10 === 0) return { bytes: frame(valid.message()), headers: {} };
  const lies = lie(valid.inputs, rng).map((tensor) => ({ ...tensor, shape: tensor.shape.map(asInteger) }));
  const raws = lies.map(({ raw }) => raw);
  if (rng.next() < 0.2) raws.splice(rng.int(raws.length), 1);
  const message = valid.message(lies, raws);
  const bytes = frame(rng.next() < 0.5 ? message : damage(message, rng), pick([0, 0, 0, 0, 1, 7], rng));
  if (rng.next() < 0.15) bytes.writeUInt32BE(pick([0, 1, 2 ** 31, 2 ** 32 - 1, bytes.length], rng), 1);
  const headers = rng.next() < 0.1 ? { 'grpc-encoding': pick(['gzip', 'deflate', 'br', ''], rng) } : {};
  return { bytes: rng.next() < 0.1 ? damage(bytes, rng) : bytes, headers };
}

/** Fields of the message hold integers. */
const asInteger = (dim: number) => (Number.isSafeInteger(dim) ? dim : -1);
