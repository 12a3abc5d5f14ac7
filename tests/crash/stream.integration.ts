import { createClient, type FairleadClient, type StreamDeclaration } from '@fairlead/sdk';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/harness/watched-process.mjs';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';
import { deployRainInTest, exampleRow } from '../harness/port-weather.js';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.js';

const BROKER = process.env.FAIRLEAD_TEST_NATS ?? 'nats://127.0.0.1:4222';
/** Names of this run alone: the broker is shared. */
const RUN = `t${process.pid}x${Date.now()}`;
const subjects = { in: `${RUN}.in`, out: `${RUN}.out`, dead: `${RUN}.dead` };

const { folder, dispose } = temporaryFolder('stream-crash');
let port: number;
let server: LiveServer;
let client: FairleadClient;
let nats: NatsConnection;
let manager: JetStreamManager;
let stream: JetStreamClient;
let proxy: TcpProxy;

beforeAll(async () => {
  nats = await connect({ servers: new URL(BROKER).host });
  manager = await jetstreamManager(nats);
  stream = jetstream(nats);
  await manager.streams.add({ name: `${RUN}in`, subjects: [subjects.in] });
  await manager.streams.add({ name: `${RUN}out`, subjects: [subjects.out, subjects.dead] });
  proxy = await startTcpProxy(BROKER);
  port = await freePort();
  server = await start();
  await deployRainInTest(client, folder);
});
afterAll(async () => {
  await server?.stop();
  await proxy?.close();
  for (const name of [`${RUN}in`, `${RUN}out`]) await manager?.streams.delete(name).catch(() => undefined);
  await nats?.close();
  dispose();
});

async function start(): Promise<LiveServer> {
  const started = await startLiveServer({ folder, port, flags: ['--stream-brokers', `nats://${proxy.host}`] });
  client = createClient({ url: started.url, maxRetries: 0 });
  return started;
}

const declaration = (): StreamDeclaration => ({
  ...{ endpoint: 'rain', environment: 'test', broker: `nats://${proxy.host}` },
  ...{ stream: `${RUN}in`, output: subjects.out, deadLetter: subjects.dead, maxInFlight: 32, ackWaitMs: 2000 },
});

async function send(ids: readonly string[], data: string | Uint8Array = JSON.stringify(exampleRow)): Promise<void> {
  await Promise.all(
    ids.map((id) => {
      const sent = headers();
      sent.set('Nats-Msg-Id', id);
      return stream.publish(subjects.in, data, { headers: sent });
    }),
  );
}

/** All that stands under a subject: ids as the sender called them, with the text. */
async function read(subject: string): Promise<{ id: string; code: string; text: string }[]> {
  const found: { id: string; code: string; text: string }[] = [];
  const total = await count(subject);
  if (total === 0) return found;
  const consumer = await stream.consumers.get(`${RUN}out`, { filter_subjects: subject });
  for await (const message of await consumer.fetch({ max_messages: total, expires: 10_000 })) {
    const get = (name: string) => message.headers?.get(name) ?? '';
    found.push({ id: get('Fairlead-Id'), code: get('Fairlead-Code'), text: message.string() });
  }
  return found;
}

async function count(subject: string): Promise<number> {
  const { state } = await manager.streams.info(`${RUN}out`, { subjects_filter: subject });
  return state.subjects?.[subject] ?? 0;
}

const untilMore = (than: number) =>
  expect.poll(() => count(subjects.out), { timeout: 120_000, interval: 10 }).toBeGreaterThan(than);

async function untilAnswered(): Promise<void> {
  await expect
    .poll(async () => (await client.streams.get('days')).status.lag, { timeout: 120_000, interval: 100 })
    .toBe(0);
}

const idsOf = (messages: readonly { id: string }[]) => messages.map(({ id }) => id).sort();
const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`).sort();

describe('a stream of NATS JetStream', () => {
  it('is answered message by message, with id and version; what does not fit goes to the dead letters', async () => {
    await client.streams.declare('days', declaration());
    await send(names('first', 50));
    await send(['torn'], '{"wind":');
    await send(['bytes'], Uint8Array.of(0xff, 0xfe));
    await send(['list'], '[1]');
    await send(['cell'], JSON.stringify({ ...exampleRow, wind: 'strong' }));
    await untilAnswered();
    const answers = await read(subjects.out);
    expect(idsOf(answers)).toEqual(names('first', 50));
    const answer = JSON.parse(answers[0]?.text ?? '');
    expect(answer).toMatchObject({ id: answers[0]?.id, version: 1, label: expect.any(String) });
    const asked = await client.endpoints.predict('rain', { rows: [exampleRow], environment: 'test' });
    expect(answer.probabilities).toEqual(asked.predictions[0]?.probabilities);
    const dead = await read(subjects.dead);
    expect(Object.fromEntries(dead.map(({ id, code }) => [id, code]))).toEqual({
      torn: 'SRV_STREAM_MESSAGE',
      bytes: 'SRV_STREAM_MESSAGE',
      list: 'SRV_STREAM_MESSAGE',
      cell: 'SRV_INPUT_INVALID',
    });
    expect(dead.find(({ id }) => id === 'cell')?.text).toContain('strong');
    expect((await client.streams.get('days')).status).toMatchObject({
      state: 'running',
      answered: 50,
      deadLettered: 4,
    });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/fairlead_serving_stream_messages_total\{.*outcome="answered".*\} 50/);
  });

  it('loses no message and answers none twice when the server is killed in the middle', async () => {
    const ids = names('killed', 3000);
    const sending = send(ids);
    for (const atLeast of [300, 900]) {
      await untilMore(atLeast);
      await server.kill();
      server = await start();
    }
    await sending;
    await untilAnswered();
    const answers = (await read(subjects.out)).filter(({ id }) => id.startsWith('killed'));
    // Each at least once, and under one id for whoever counts them.
    expect([...new Set(idsOf(answers))]).toEqual(ids);
    expect(answers.length).toBe(ids.length);
  });

  it('knows messages that come again, also after a restart', async () => {
    await server.stop();
    server = await start();
    const before = await count(subjects.out);
    // Under the same id, but by another way in than the broker's own memory of ids.
    await manager.streams.purge(`${RUN}in`);
    await manager.streams.update(`${RUN}in`, { duplicate_window: 100_000_000 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await send(names('first', 50));
    await untilAnswered();
    expect(await count(subjects.out)).toBe(before);
    expect((await client.streams.get('days')).status).toMatchObject({ answered: 0, duplicates: 50 });
  });

  it('goes on when the connection to the broker was cut', async () => {
    const before = await count(subjects.out);
    const ids = names('cut', 1500);
    const sending = send(ids);
    await untilMore(before + 100);
    proxy.cut();
    await sending;
    await untilAnswered();
    const answers = (await read(subjects.out)).filter(({ id }) => id.startsWith('cut'));
    expect([...new Set(idsOf(answers))]).toEqual(ids);
  });

  it('answers what has arrived when it is asked to stop', async () => {
    const before = await count(subjects.out);
    const sending = send(names('drained', 1000));
    await untilMore(before + 100);
    expect(await server.stop()).toMatchObject({ code: 0 });
    await sending;
    const info = await manager.consumers.info(`${RUN}in`, 'fairlead-days');
    expect(info.num_ack_pending).toBe(0);
    const answers = (await read(subjects.out)).filter(({ id }) => id.startsWith('drained'));
    expect(answers.length + info.num_pending).toBe(1000);
    server = await start();
    await untilAnswered();
  });

  it('gives a message up whose answer the broker does not take', async () => {
    const dead = await count(subjects.dead);
    await manager.streams.add({ name: `${RUN}odd`, subjects: [`${RUN}.odd`] });
    const nobody = `${RUN}.nobody-takes-this`;
    await client.streams.declare('odd', {
      ...{ ...declaration(), stream: `${RUN}odd`, output: nobody, maxDeliveries: 2 },
    });
    await stream.publish(`${RUN}.odd`, JSON.stringify(exampleRow));
    await expect.poll(() => count(subjects.dead), { timeout: 120_000, interval: 100 }).toBe(dead + 1);
    expect((await read(subjects.dead)).at(-1)).toMatchObject({ id: `${RUN}odd:1`, code: 'BRK_NOT_STORED' });
    await client.streams.remove('odd');
    await manager.streams.delete(`${RUN}odd`);
  });

  it('is refused for brokers that the operator does not know, endpoints that are not there and loops', async () => {
    const refused = (more: Partial<StreamDeclaration>) =>
      client.streams.declare('other', { ...declaration(), ...more }).then(
        () => 'taken',
        (error: { code?: string }) => error.code,
      );
    expect(await refused({ broker: 'nats://169.254.169.254:4222' })).toBe('SRV_STREAM_FORBIDDEN');
    expect(await refused({ endpoint: 'none' })).toBe('SRV_ENDPOINT_NOT_FOUND');
    expect(await refused({ deadLetter: subjects.out })).toBe('SRV_STREAM_INVALID');
    expect((await client.streams.list()).items.map(({ spec }) => spec.name)).toEqual(['days']);
    await client.streams.remove('days');
    await expect(client.streams.get('days')).rejects.toMatchObject({ code: 'SRV_STREAM_NOT_FOUND' });
  });
});
