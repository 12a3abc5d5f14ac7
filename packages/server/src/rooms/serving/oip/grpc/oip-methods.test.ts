import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGrpcClient, type TestGrpcClient } from '../../../../platform/grpc/grpc-client.fixture.js';
import { createGrpcServer, type GrpcServer, ProtoReader, ProtoWriter } from '../../../../platform/grpc/index.js';
import { createLogger, requestIdFrom } from '../../../../platform/telemetry/index.js';
import { openTestRoutes, type TestRoutes } from '../../serving-routes.fixture.js';
import { oipGrpcMethods } from './oip-methods.js';

let routes: TestRoutes;
let server: GrpcServer;
let client: TestGrpcClient;
beforeAll(async () => {
  routes = await openTestRoutes();
  server = createGrpcServer({
    methods: oipGrpcMethods({ serving: routes.running.serving, version: '1.2.3' }),
    ...{ host: '127.0.0.1', port: 0, identityRequired: false, maxMessageBytes: 2 ** 20 },
    identify: async () => routes.actor,
    newRequestId: requestIdFrom,
    logger: createLogger({ logLevel: 'silent', logFormat: 'json' }),
  });
  client = openGrpcClient(await server.listen());
});
afterAll(async () => {
  client?.close();
  await server?.drain(1000);
  await routes.dispose();
});

const call = (method: string, message: Buffer = Buffer.alloc(0)) =>
  client.call(`/inference.GRPCInferenceService/${method}`, message);
const named = (...texts: string[]) =>
  texts.reduce((writer, text, i) => writer.text(i + 1, text), new ProtoWriter()).finish();

/** Texts and numbers by field, messages as bytes. */
function fieldsOf(message: Buffer): Record<number, (bigint | Buffer)[]> {
  const fields: Record<number, (bigint | Buffer)[]> = {};
  const reader = new ProtoReader(message);
  while (reader.next()) {
    fields[reader.field] ??= [];
    fields[reader.field]?.push(reader.isLength ? reader.bytes() : reader.uint64());
  }
  return fields;
}
const textsOf = (fields: Record<number, (bigint | Buffer)[]>, field: number) => (fields[field] ?? []).map(String);

type Write = (writer: ProtoWriter) => void;
interface Input {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly raw?: Buffer;
  readonly contents?: Write;
}
const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const skies = Buffer.from([4, 0, 0, 0, ...Buffer.from('grey'), 5, 0, 0, 0, ...Buffer.from('clear')]);
const raw: Input[] = [
  { name: 'wind', datatype: 'FP32', shape: [2, 1], raw: floats(0.95, 0.05) },
  { name: 'holiday', datatype: 'FP32', shape: [2, 1], raw: floats(0, 1) },
  { name: 'sky', datatype: 'BYTES', shape: [2, 1], raw: skies },
];
const typed: Input[] = [
  { name: 'wind', datatype: 'FP32', shape: [2, 1], contents: (w) => w.bytesItem(6, floats(0.95, 0.05)) },
  { name: 'holiday', datatype: 'FP32', shape: [2, 1], contents: (w) => w.bytesItem(6, floats(0, 1)) },
  { name: 'sky', datatype: 'BYTES', shape: [2, 1], contents: (w) => w.textItem(8, 'grey').textItem(8, 'clear') },
];
const change = (inputs: readonly Input[], at: number, by: Partial<Input>) =>
  inputs.map((input, i) => (i === at ? { ...input, ...by } : input));

function request(inputs: readonly Input[], more: Write = () => {}): Buffer {
  const writer = new ProtoWriter().text(1, 'rain').text(3, 'g1');
  for (const { name, datatype, shape, contents } of inputs) {
    writer.message(5, (input) => {
      input.text(1, name).text(2, datatype).packedIntegers(3, shape);
      if (contents !== undefined) input.message(5, contents);
    });
  }
  for (const input of inputs) if (input.raw !== undefined) writer.bytesItem(7, input.raw);
  more(writer);
  return writer.finish();
}

describe('the inference service over gRPC', () => {
  it('is live and ready, and tells about itself', async () => {
    expect([...(await call('ServerLive')).message]).toEqual([8, 1]);
    expect([...(await call('ServerReady')).message]).toEqual([8, 1]);
    const server1 = fieldsOf((await call('ServerMetadata')).message);
    expect([textsOf(server1, 1), textsOf(server1, 2)]).toEqual([['fairlead'], ['1.2.3']]);
    expect(textsOf(server1, 3)).toContain('binary_tensor_data');
  });

  it('describes a model', async () => {
    const model = fieldsOf((await call('ModelMetadata', named('rain'))).message);
    expect([textsOf(model, 1), textsOf(model, 3)]).toEqual([['rain'], ['onnx_onnxv1']]);
    const inputs = (model[4] ?? []).map((bytes) => fieldsOf(bytes as Buffer));
    expect(inputs.map((input) => [textsOf(input, 1)[0], textsOf(input, 2)[0]])).toEqual([
      ['wind', 'FP32'],
      ['holiday', 'FP32'],
      ['sky', 'BYTES'],
    ]);
    expect([...(await call('ModelReady', named('rain', '2'))).message]).toEqual([8, 1]);
    expect((await call('ModelReady', named('rain@staging'))).message).toHaveLength(0);
  });

  it('predicts from raw contents and answers in raw contents', async () => {
    const answer = fieldsOf((await call('ModelInfer', request(raw))).message);
    expect([textsOf(answer, 1), textsOf(answer, 2), textsOf(answer, 3)]).toEqual([['rain'], ['1'], ['g1']]);
    expect(answer[6]?.[0]).toEqual(Buffer.from([3, 0, 0, 0, ...Buffer.from('yes'), 2, 0, 0, 0, ...Buffer.from('no')]));
    expect(answer[6]?.[1]).toHaveLength(16);
    const rows = await routes.running.serving.captured({ endpoint: 'rain', environment: 'production', last: 2 });
    expect(rows.map(({ id }) => id)).toEqual(['g1/0', 'g1/1']);
  });

  it('predicts from typed contents and answers in typed contents, only what was asked for', async () => {
    const answer = fieldsOf(
      (
        await call(
          'ModelInfer',
          request(typed, (w) => w.message(6, (o) => o.text(1, 'label'))),
        )
      ).message,
    );
    expect(answer[6]).toBeUndefined();
    expect(answer[5]).toHaveLength(1);
    const label = fieldsOf(answer[5]?.[0] as Buffer);
    expect(textsOf(fieldsOf(label[5]?.[0] as Buffer), 8)).toEqual(['yes', 'no']);
  });

  it.each<[string, Buffer, number]>([
    ['an unknown model', named('snow'), 5],
    ['an unknown version', named('rain', '9'), 5],
    ['a model that is not routed', named('rain@staging'), 9],
    ['no inputs', named('rain'), 3],
    ['bytes that are no message', Buffer.from([10, 200]), 3],
    ['a missing input', request(raw.slice(1)), 3],
    ['an input twice', request([...raw, raw[0] as Input]), 3],
    ['another datatype', request(change(raw, 0, { datatype: 'FP64' })), 3],
    ['another shape', request(change(raw, 0, { shape: [3, 1] })), 3],
    ['a negative dimension', request(change(raw, 0, { shape: [-2, 1] })), 3],
    ['a huge shape in a small message', request(change(raw, 0, { shape: [2 ** 50, 1] })), 3],
    ['a huge shape of typed contents', request(change(typed, 0, { shape: [2 ** 50, 1] })), 3],
    ['raw contents for some inputs', request(change(raw, 2, { raw: undefined as unknown as Buffer })), 3],
    ['raw and typed contents', request(change(raw, 0, { contents: typed[0]?.contents as Write })), 3],
    ['contents of another type', request(change(typed, 0, { contents: (w) => w.packedIntegers(3, [1, 2]) })), 3],
    ['fewer typed contents', request(change(typed, 0, { contents: (w) => w.bytesItem(6, floats(1)) })), 3],
    ['more typed contents', request(change(typed, 0, { contents: (w) => w.bytesItem(6, floats(1, 2, 3)) })), 3],
    ['an unknown output', request(raw, (w) => w.message(6, (o) => o.text(1, 'x'))), 3],
    ['an infinity', request(change(raw, 0, { raw: floats(Infinity, 1) })), 3],
  ])('refuses %s', async (_, message, status) => {
    const answer = await call('ModelInfer', message);
    expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(/^[A-Z_]+: /)]);
  });

  it('lets nobody in who may not', async () => {
    routes.actor = { kind: 'user', id: 'vic', roles: ['viewer'], authenticated: true };
    expect((await call('ModelInfer', request(raw))).status).toBe(7);
    expect((await call('RepositoryModelLoad', new ProtoWriter().text(2, 'rain').finish())).status).toBe(7);
    routes.actor = { kind: 'user', id: 'eve', roles: ['ml-engineer'], authenticated: true };
  });

  it('lists the repository, loads and unloads, and tells statistics, as Triton does', async () => {
    const index = fieldsOf((await call('RepositoryIndex')).message)[1]?.map((bytes) => fieldsOf(bytes as Buffer)) ?? [];
    expect(index.map((entry) => [textsOf(entry, 1)[0], textsOf(entry, 2)[0], textsOf(entry, 3)[0]]).sort()).toEqual([
      ['rain', '1', 'READY'],
      ['rain', '2', 'READY'],
    ]);
    const rain = new ProtoWriter().text(2, 'rain').finish();
    expect((await call('RepositoryModelLoad', rain)).status).toBe(0);
    expect((await call('RepositoryModelUnload', rain)).status).toBe(9);
    const config = new ProtoWriter()
      .text(2, 'rain')
      .message(3, (entry) => entry.text(1, 'config').message(2, (value) => value.text(3, '{}')));
    expect((await call('RepositoryModelLoad', config.finish())).status).toBe(3);
    const [stats] = fieldsOf((await call('ModelStatistics', named('rain', '1'))).message)[1] ?? [];
    const model = fieldsOf(stats as Buffer);
    expect([textsOf(model, 1), textsOf(model, 2)]).toEqual([['rain'], ['1']]);
    expect(model[4]?.[0]).toBeGreaterThan(0n);
    const success = fieldsOf(fieldsOf(model[6]?.[0] as Buffer)[1]?.[0] as Buffer);
    expect(success[1]?.[0]).toBeGreaterThan(0n);
    expect(success[2]?.[0]).toBeGreaterThan(0n);
  });
});
