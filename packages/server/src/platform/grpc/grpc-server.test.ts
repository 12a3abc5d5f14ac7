import { deflateSync, gzipSync } from 'node:zlib';
import { systemActor } from '@fairlead/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import { createLogger, requestIdFrom } from '../telemetry/index.js';
import { frame, openGrpcClient, type TestGrpcClient } from './grpc-client.fixture.js';
import {
  createGrpcServer,
  type GrpcMethod,
  type GrpcServer,
  grpcErrors,
  healthMethods,
  ProtoReader,
  ProtoWriter,
} from './index.js';

const open: { server: GrpcServer; client: TestGrpcClient }[] = [];
afterEach(async () => {
  for (const { server, client } of open.splice(0)) {
    client.close();
    await server.drain(1000);
  }
});

let release: () => void = () => {};
const methods = (): [string, GrpcMethod][] => [
  ['/t.T/Echo', { answer: ({ message }) => message }],
  ['/t.T/Fail', { answer: () => Promise.reject(new Error('a secret')) }],
  ['/t.T/Wait', { answer: () => new Promise((resolve) => (release = () => resolve(Buffer.from('late')))) }],
  ['/t.T/Gone', { answer: () => Promise.reject(grpcErrors.GRPC_SERVICE_NOT_FOUND('nö, 100 %\n')) }],
  ...healthMethods(['t.T'], () => true),
];

async function start(change: { host?: string; identityRequired?: boolean; token?: string } = {}) {
  const { host = '127.0.0.1', identityRequired = false, token } = change;
  const server = createGrpcServer({
    methods: new Map(methods()),
    ...{ host, port: 0, identityRequired, maxMessageBytes: 100_000 },
    identify: async (authorization) => {
      if (token === undefined || authorization === `Bearer ${token}`) return systemActor;
      throw Object.assign(grpcErrors.GRPC_MESSAGE_INVALID('who are you?'), { status: 401 });
    },
    newRequestId: requestIdFrom,
    logger: createLogger({ logLevel: 'silent', logFormat: 'json' }),
  });
  const client = openGrpcClient(await server.listen());
  open.push({ server, client });
  return { server, client };
}

describe('the gRPC server', () => {
  it('answers one message with one, many at a time', async () => {
    const { client } = await start();
    const sizes = [0, 1, 5, 70_000, 99_999];
    const answers = await Promise.all(sizes.map((size) => client.call('/t.T/Echo', Buffer.alloc(size, 7))));
    expect(answers.map(({ status, message }) => [status, message.length])).toEqual(sizes.map((size) => [0, size]));
  });

  it('reads messages that are gzip or deflate, within the limit', async () => {
    const { client } = await start();
    const text = Buffer.from('x'.repeat(50_000));
    const echo = (bytes: Buffer, encoding: string) =>
      client.send('/t.T/Echo', frame(bytes, 1), { 'grpc-encoding': encoding });
    expect((await echo(gzipSync(text), 'gzip')).message).toEqual(text);
    expect((await echo(deflateSync(text), 'deflate')).message).toEqual(text);
    expect((await echo(gzipSync(Buffer.alloc(200_000)), 'gzip')).status).toBe(8);
    expect((await echo(text, 'gzip')).status).toBe(3);
    expect((await echo(text, 'snappy')).status).toBe(12);
    expect((await echo(text, 'constructor')).status).toBe(12);
  });

  it.each<[string, Buffer, number]>([
    ['no message', Buffer.alloc(0), 3],
    ['half a frame', Buffer.from([0, 0]), 3],
    ['fewer bytes than announced', Buffer.from([0, 0, 0, 0, 9, 1]), 3],
    ['two messages', Buffer.concat([frame(Buffer.from('a')), frame(Buffer.from('b'))]), 3],
    ['a message of 4 GiB announced', Buffer.from([0, 255, 255, 255, 255, 1]), 8],
    ['a message beyond the limit', frame(Buffer.alloc(100_001)), 8],
  ])('refuses %s', async (_, bytes, status) => {
    const { client } = await start();
    expect((await client.send('/t.T/Echo', bytes)).status).toBe(status);
    expect((await client.call('/t.T/Echo', Buffer.from('still there'))).status).toBe(0);
  });

  it('tells errors by status and text, and nothing of faults it did not foresee', async () => {
    const { client } = await start();
    expect(await client.call('/t.T/None', Buffer.alloc(0))).toMatchObject({ status: 12 });
    expect(await client.call('/t.T/Gone', Buffer.alloc(0))).toMatchObject({
      status: 5,
      text: 'GRPC_SERVICE_NOT_FOUND: nö, 100 %\n',
    });
    const failed = await client.call('/t.T/Fail', Buffer.alloc(0));
    expect(failed.status).toBe(13);
    expect(failed.text).not.toContain('secret');
  });

  it('asks who calls, but for what is public', async () => {
    const { client } = await start({ token: 's3' });
    expect((await client.call('/t.T/Echo', Buffer.alloc(0))).status).toBe(16);
    expect((await client.call('/t.T/Echo', Buffer.alloc(0), { authorization: 'Bearer s3' })).status).toBe(0);
    const health = await client.call('/grpc.health.v1.Health/Check', Buffer.alloc(0));
    expect([health.status, [...health.message]]).toEqual([0, [8, 1]]);
    const unknown = new ProtoWriter().text(1, 'x.Y').finish();
    expect((await client.call('/grpc.health.v1.Health/Check', unknown)).status).toBe(5);
  });

  it('ends a call when its deadline has passed', async () => {
    const { client } = await start();
    expect((await client.call('/t.T/Wait', Buffer.alloc(0), { 'grpc-timeout': '20m' })).status).toBe(4);
  });

  it('listens on the network only where identity is required', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'GRPC_BIND_REFUSED' });
  });

  it('lets calls in flight finish when it stops, and takes no more', async () => {
    const { server, client } = await start();
    const waiting = client.call('/t.T/Wait', Buffer.alloc(0));
    await client.call('/t.T/Echo', Buffer.alloc(0));
    const drained = server.drain(60_000);
    release();
    expect(await waiting).toMatchObject({ status: 0, message: Buffer.from('late') });
    expect(await drained).toEqual({ unfinishedRequests: 0 });
    await expect(client.call('/t.T/Echo', Buffer.alloc(0))).rejects.toThrow();
  });
});

describe('a protobuf message', () => {
  it('reads back what was written, to the last bit of 64', () => {
    const numbers = [0n, 1n, 127n, 128n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n - 1n, -1n, -(2n ** 63n)];
    const writer = new ProtoWriter();
    for (const value of numbers) writer.integer(1, value);
    writer
      .integer(2, 2 ** 53 - 1)
      .text(3, 'grün')
      .double(4, -0.1)
      .packedIntegers(5, [-1, 300]);
    const reader = new ProtoReader(writer.finish());
    const read: unknown[] = [];
    while (reader.next()) {
      if (reader.field === 1) read.push(reader.int64());
      else if (reader.field === 2) read.push(reader.uint64());
      else if (reader.field === 3) read.push(reader.text());
      else if (reader.field === 4) read.push(reader.double());
      else reader.skip();
    }
    expect(read).toEqual([...numbers.filter((value) => value !== 0n), 2n ** 53n - 1n, 'grün', -0.1]);
  });

  it.each([
    ['field 0', [0, 1]],
    ['a length beyond the end', [10, 5, 1]],
    ['a number without end', [8, 255, 255]],
    ['a number of eleven bytes', [8, ...new Array<number>(11).fill(255)]],
    ['a wire type that is none', [15]],
    ['a fixed number cut off', [13, 1]],
  ])('is refused for %s', (_, bytes) => {
    const reader = new ProtoReader(Buffer.from(bytes));
    expect(() => {
      while (reader.next()) reader.skip();
    }).toThrow(/cannot be read/);
  });
});
