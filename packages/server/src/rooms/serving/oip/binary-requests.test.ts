import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestRoutes, type TestRoutes } from '../serving-routes.fixture.js';

let routes: TestRoutes;
beforeAll(async () => {
  routes = await openTestRoutes();
});
afterAll(() => routes.dispose());

const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const texts = (...values: string[]) =>
  Buffer.concat(
    values.map((value) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(Buffer.byteLength(value));
      return Buffer.concat([length, Buffer.from(value)]);
    }),
  );

interface Part {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
  readonly size?: unknown;
}

const wind = floats(0.95, 0.05);
const holiday = floats(0, 1);
const sky = texts('grey', 'clear');
const parts = (change: Partial<Record<'wind' | 'holiday' | 'sky', Partial<Part>>> = {}): Part[] => [
  { name: 'wind', datatype: 'FP32', shape: [2, 1], bytes: wind, ...change.wind },
  { name: 'holiday', datatype: 'FP32', shape: [2, 1], bytes: holiday, ...change.holiday },
  { name: 'sky', datatype: 'BYTES', shape: [2, 1], bytes: sky, ...change.sky },
];

function bodyOf(tensors: readonly Part[], more: object = {}) {
  const inputs = tensors.map(({ name, datatype, shape, bytes, size = bytes.length }) => ({
    ...{ name, datatype, shape },
    parameters: { binary_data_size: size },
  }));
  const json = Buffer.from(JSON.stringify({ id: 'b1', inputs, ...more }));
  return { json, body: Buffer.concat([json, ...tensors.map(({ bytes }) => bytes)]) };
}

const post = (payload: Buffer, headers: Record<string, string | number> = {}) =>
  routes.app.inject({
    method: 'POST',
    url: '/v2/models/rain/infer',
    headers: { 'content-type': 'application/octet-stream', ...headers },
    payload,
  });
const send = ({ json, body }: { json: Buffer; body: Buffer }, headers: Record<string, string | number> = {}) =>
  post(body, { 'inference-header-content-length': json.length, ...headers });

interface Output {
  readonly name: string;
  readonly datatype: string;
  readonly shape: number[];
  readonly data?: unknown[];
  readonly parameters?: { readonly binary_data_size: number };
}

/** The answer's JSON part and what follows it, tensor by tensor. */
function readAnswer(headers: Record<string, unknown>, raw: Buffer) {
  const length = Number(headers['inference-header-content-length']);
  const json = JSON.parse(raw.subarray(0, length).toString()) as { id: string; outputs: Output[] };
  let at = length;
  const bytes = json.outputs.map(({ parameters }) => {
    const from = at;
    at += parameters?.binary_data_size ?? 0;
    return raw.subarray(from, at);
  });
  expect(at).toBe(raw.length);
  return { ...json, bytes };
}

describe('binary tensors', () => {
  it('are taken in the order of the inputs, and the answer is the same as for JSON', async () => {
    const answer = await send(bodyOf(parts()));
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['inference-header-content-length']).toBeUndefined();
    expect(answer.headers['content-type']).toContain('application/json');
    const json = await routes.app.inject({
      method: 'POST',
      url: '/v2/models/rain/infer',
      payload: {
        id: 'b1',
        inputs: [
          { name: 'wind', datatype: 'FP32', shape: [2, 1], data: [0.95, 0.05] },
          { name: 'holiday', datatype: 'FP32', shape: [2, 1], data: [0, 1] },
          { name: 'sky', datatype: 'BYTES', shape: [2, 1], data: ['grey', 'clear'] },
        ],
      },
    });
    expect(answer.json()).toEqual(json.json());
  });

  it('are given back when asked for, for the whole request or for an output, whose word counts more', async () => {
    const whole = await send(bodyOf(parts(), { parameters: { binary_data_output: true } }));
    expect(whole.headers['content-type']).toBe('application/octet-stream');
    const { id, outputs, bytes } = readAnswer(whole.headers, whole.rawPayload);
    expect(id).toBe('b1');
    expect(outputs[0]).toEqual({
      ...{ name: 'label', datatype: 'BYTES', shape: [2] },
      parameters: { binary_data_size: texts('yes', 'no').length },
    });
    expect(bytes[0]).toEqual(texts('yes', 'no'));
    expect(bytes[1]).toHaveLength(16);
    const outputsAsked = [{ name: 'probabilities', parameters: { binary_data: true } }, { name: 'label' }];
    const mixed = await send(bodyOf(parts(), { outputs: outputsAsked }));
    const some = readAnswer(mixed.headers, mixed.rawPayload);
    expect(some.outputs.map(({ name }) => name)).toEqual(['probabilities', 'label']);
    expect(some.outputs[1]?.data).toEqual(['yes', 'no']);
    expect(some.bytes[0]).toEqual(bytes[1]);
    const but = {
      parameters: { binary_data_output: true },
      outputs: [{ name: 'label', parameters: { binary_data: false } }],
    };
    expect((await send(bodyOf(parts(), but))).json().outputs[0].data).toEqual(['yes', 'no']);
  });

  it('may stand beside tensors in JSON', async () => {
    const [first, second] = parts();
    const text = { name: 'sky', datatype: 'BYTES', shape: [2, 1], data: ['grey', 'clear'] };
    const { json, body } = bodyOf([first as Part, second as Part]);
    const mixed = { ...JSON.parse(json.toString()) };
    mixed.inputs.push(text);
    const head = Buffer.from(JSON.stringify(mixed));
    const answer = await send({ json: head, body: Buffer.concat([head, body.subarray(json.length)]) });
    expect(answer.json().outputs[0].data).toEqual(['yes', 'no']);
  });

  it('take NaN for what may be missing, and everything when told to', async () => {
    expect((await send(bodyOf(parts({ wind: { bytes: floats(NaN, 0.1) } })))).statusCode).toBe(200);
    const refused = await send(bodyOf(parts({ holiday: { bytes: floats(0, NaN) } })));
    expect([refused.statusCode, refused.json().error]).toEqual([400, expect.stringContaining('Input holiday: row 1')]);
    const infinite = bodyOf(parts({ wind: { bytes: floats(Infinity, 0.1) } }));
    expect((await send(infinite)).json().error).toContain('Input wind: row 0');
    const allowed = await send(
      bodyOf(parts({ holiday: { bytes: floats(0, NaN) } }), { parameters: { allow_nan: true } }),
    );
    expect(allowed.json().error ?? '').not.toContain('SRV_TENSOR_INVALID');
  });

  it.each<[string, () => { json: Buffer; body: Buffer }]>([
    ['fewer bytes than the shape', () => bodyOf(parts({ wind: { bytes: floats(1) } }))],
    ['more bytes than the shape', () => bodyOf(parts({ wind: { bytes: floats(1, 2, 3) } }))],
    ['bytes behind the last tensor', () => ({ ...bodyOf(parts()), body: Buffer.concat([bodyOf(parts()).body, wind]) })],
    ['a size beyond the body', () => bodyOf(parts({ sky: { size: 10_000 } }))],
    ['a negative size', () => bodyOf(parts({ sky: { size: -1 } }))],
    ['a size that is no number', () => bodyOf(parts({ sky: { size: '8' } }))],
    ['a fractional size', () => bodyOf(parts({ sky: { size: 8.5 } }))],
    ['a huge declared shape', () => bodyOf(parts({ wind: { shape: [2 ** 50, 1] } }))],
    ['a huge declared shape of texts', () => bodyOf(parts({ sky: { shape: [2 ** 50, 1] } }))],
    [
      'a text longer than its tensor',
      () => bodyOf(parts({ sky: { bytes: Buffer.from([255, 255, 255, 255, 1, 0, 0, 0]) } })),
    ],
    [
      'texts that end early',
      () => bodyOf(parts({ sky: { bytes: Buffer.concat([texts('grey', 'clear'), Buffer.from([1])]) } })),
    ],
    [
      'text that is not UTF-8',
      () => bodyOf(parts({ sky: { bytes: Buffer.concat([Buffer.from([1, 0, 0, 0, 0xff]), texts('x')]) } })),
    ],
    ['text with NUL', () => bodyOf(parts({ sky: { bytes: texts('a\u0000', 'x') } }))],
    ['another datatype', () => bodyOf(parts({ wind: { datatype: 'FP64', bytes: Buffer.alloc(16) } }))],
  ])('with %s are refused with 400', async (_, make) => {
    const answer = await send(make());
    expect([answer.statusCode, answer.json()]).toEqual([400, { error: expect.any(String) }]);
  });

  it.each(['-1', 'x', '1e3', '999999', '99999999999'])('are refused when the JSON has %s bytes', async (length) => {
    const answer = await send(bodyOf(parts()), { 'inference-header-content-length': length });
    expect([answer.statusCode, answer.json()]).toEqual([400, { error: expect.any(String) }]);
  });

  it('without JSON need a model of one input', async () => {
    const answer = await post(wind, { 'inference-header-content-length': 0 });
    expect([answer.statusCode, answer.json().error]).toEqual([400, expect.stringContaining('3 inputs, by name')]);
  });

  it('without the length of the JSON are refused with the header to send', async () => {
    const answer = await post(bodyOf(parts()).body);
    expect([answer.statusCode, answer.json().error]).toEqual([
      400,
      expect.stringContaining('Inference-Header-Content-Length'),
    ]);
  });
});

describe('JSON tensors', () => {
  it('are read without a content type, as tritonclient sends them', async () => {
    const inputs = [
      { name: 'wind', datatype: 'FP32', shape: [1, 1], data: [0.95] },
      { name: 'holiday', datatype: 'FP32', shape: [1, 1], data: [0] },
      { name: 'sky', datatype: 'BYTES', shape: [1, 1], data: ['grey'] },
    ];
    const answer = await routes.app.inject({
      ...{ method: 'POST', url: '/v2/models/rain/infer' },
      payload: Buffer.from(JSON.stringify({ inputs })),
    });
    expect([answer.statusCode, answer.json().outputs[0].data]).toEqual([200, ['yes']]);
  });
});

describe('encoded bodies', () => {
  it.each([
    ['gzip', gzipSync, gunzipSync],
    ['deflate', deflateSync, inflateSync],
  ] as const)('are read and written as %s', async (encoding, encode, decode) => {
    const many = 100;
    const rows = { shape: [many, 1] };
    const column = { ...rows, bytes: floats(...new Array<number>(many).fill(0.5)) };
    const skies = { ...rows, bytes: texts(...new Array<string>(many).fill('grey')) };
    const { json, body } = bodyOf(parts({ wind: column, holiday: column, sky: skies }));
    const headers = { 'content-encoding': encoding, 'accept-encoding': `br, ${encoding};q=0.5` };
    const answer = await send({ json, body: encode(body) }, headers);
    expect([answer.statusCode, answer.headers['content-encoding'], answer.headers.vary]).toEqual([
      200,
      encoding,
      expect.stringContaining('accept-encoding'),
    ]);
    expect(JSON.parse(decode(answer.rawPayload).toString()).outputs[0].shape).toEqual([many]);
    const plain = await send({ json, body }, { 'accept-encoding': `${encoding};q=0` });
    expect(plain.headers['content-encoding']).toBeUndefined();
  });

  it('are refused when they are another encoding, broken, or grow beyond the limit', async () => {
    const { json, body } = bodyOf(parts());
    const statusOf = async (encoding: string, payload: Buffer) => {
      const answer = await send({ json, body: payload }, { 'content-encoding': encoding });
      expect(answer.json()).toEqual({ error: expect.any(String) });
      return answer.statusCode;
    };
    expect(await statusOf('br', body)).toBe(415);
    expect(await statusOf('constructor', body)).toBe(415);
    expect(await statusOf('gzip', body)).toBe(400);
    expect(await statusOf('gzip', gzipSync(body).subarray(0, 40))).toBe(400);
    expect(await statusOf('gzip', gzipSync(Buffer.alloc(2 ** 26 + 1)))).toBe(413);
  });
});
