// Against librdkafka's own cluster over real sockets. Needs Python 3.11 or newer, see tests/clients/README.md.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type BrokerConnection,
  type BrokerMessage,
  openBroker,
  parseBrokerAddress,
} from '../../packages/server/src/platform/brokers/index.js';
import { type KafkaCluster, type SentMessage, startKafkaCluster } from '../harness/kafka-cluster.js';

/** Numbers of the protocol. */
const API = { produce: 0, joinGroup: 11, metadata: 3, offsetCommit: 8 };
const ERROR = { topicAuthorization: 29, groupAuthorization: 30, notEnoughReplicas: 19 };

let cluster: KafkaCluster;
let count = 0;
const open: BrokerConnection[] = [];

beforeAll(async () => {
  cluster = await startKafkaCluster(2);
});
afterEach(async () => {
  for (const connection of open.splice(0)) await connection.close();
});
afterAll(() => cluster.close());

/** Topics and a group of this test alone. */
async function place(partitions = 3) {
  count += 1;
  const names = { topic: `in-${count}`, out: `out-${count}`, group: `group-${count}` };
  await cluster.topic(names.topic, partitions);
  await cluster.topic(names.out, partitions);
  return names;
}

async function connect(names: Awaited<ReturnType<typeof place>>, maxInFlight = 100, targets = [names.out]) {
  const connection = await openBroker({
    address: parseBrokerAddress(`kafka://${cluster.hosts.join(',')}`),
    ...{ stream: names.topic, targets, consumer: names.group, maxInFlight, ackWaitMs: 30_000 },
  });
  open.push(connection);
  return connection;
}

const numbered = (from: number, to: number, partition?: number): SentMessage[] =>
  Array.from({ length: to - from }, (_, i) => ({
    ...{ id: `m${from + i}`, value: `{"n":${from + i}}` },
    ...(partition !== undefined && { partition }),
  }));

async function taken(connection: BrokerConnection, number: number): Promise<BrokerMessage[]> {
  const messages: BrokerMessage[] = [];
  while (messages.length < number) messages.push(...(await connection.next(number - messages.length)));
  return messages;
}

const idsOf = (messages: readonly { id: string | null }[]) => messages.map(({ id }) => id).sort();
const eventually = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 120_000, interval: 100 });

describe('a topic of Kafka', () => {
  it('gives every message once with id, key and value, and takes answers with their key and headers', async () => {
    const names = await place();
    await cluster.produce(names.topic, [
      { id: 'named', key: 'k1', value: '{"n":1}' },
      { key: 'k2', value: null },
      { value: '', partition: 2 },
    ]);
    const connection = await connect(names);
    const messages = await taken(connection, 3);
    const byId = new Map(messages.map((message) => [message.id, message]));
    const text = (data: Uint8Array | null | undefined) => (data ? Buffer.from(data).toString() : data);
    expect(text(byId.get('named')?.data)).toBe('{"n":1}');
    expect(text(byId.get('named')?.key)).toBe('k1');
    const unnamed = messages.filter(({ id }) => id !== 'named');
    expect(unnamed.every(({ id }) => /^in-\d+:[012]:\d+$/.test(id))).toBe(true);
    expect(unnamed.map(({ data }) => text(data)).sort()).toEqual(['', null]);
    for (const { id, key, data } of messages) {
      await connection.publish(names.out, { id: `s:${id}`, key, data, headers: { 'Fairlead-Id': id } });
    }
    const answers = await cluster.read(names.out);
    expect(idsOf(answers)).toEqual(idsOf(messages));
    expect(answers.map(({ key, text: value }) => [key, value])).toEqual(
      expect.arrayContaining([
        ['k1', '{"n":1}'],
        ['k2', null],
        [expect.stringMatching(/^s:in-/), ''],
      ]),
    );
  });

  it('commits only what lies below the first message that is not acknowledged', async () => {
    const names = await place(1);
    await cluster.produce(names.topic, numbered(0, 10));
    const connection = await connect(names);
    const messages = await taken(connection, 10);
    for (const message of messages.slice(5)) message.ack();
    messages[0]?.ack();
    await eventually(() => cluster.committed(names.group, names.topic)).toEqual([1]);
    expect(await connection.lag()).toBe(9);
    for (const message of messages.slice(1, 5)) message.ack();
    await eventually(() => cluster.committed(names.group, names.topic)).toEqual([10]);
    expect(await connection.lag()).toBe(0);
  });

  it('delivers again what was not acknowledged, to the next connection, and what was asked for again, to this one', async () => {
    const names = await place(1);
    await cluster.produce(names.topic, numbered(0, 4));
    const first = await connect(names);
    const messages = await taken(first, 4);
    messages[1]?.retry(10);
    const [again] = await taken(first, 1);
    expect(again).toMatchObject({ id: 'm1', deliveries: 2 });
    messages[0]?.ack();
    messages[3]?.ack();
    await first.close();
    const second = await connect(names);
    expect(idsOf(await taken(second, 3))).toEqual(['m1', 'm2', 'm3']);
  });

  it('holds no more than the bound, and goes on when there is room', async () => {
    const names = await place(3);
    await cluster.produce(names.topic, numbered(0, 200));
    const connection = await connect(names, 7);
    const seen = new Set<string>();
    let most = 0;
    while (seen.size < 200) {
      const messages = await connection.next(1_000);
      // Time for more to arrive, if more did.
      if (seen.size < 30) await new Promise((resolve) => setTimeout(resolve, 200));
      most = Math.max(most, messages.length);
      for (const message of messages) {
        expect(seen.has(message.id)).toBe(false);
        seen.add(message.id);
        message.ack();
      }
    }
    expect(most).toBe(7);
    await eventually(() => connection.lag()).toBe(0);
  });

  it('drains: what has arrived can be taken and acknowledged, and then there is nothing', async () => {
    const names = await place(1);
    await cluster.produce(names.topic, numbered(0, 20));
    const connection = await connect(names, 10);
    const [first] = await taken(connection, 1);
    await connection.stopTaking();
    const rest = await connection.next(100);
    expect(rest.length).toBeLessThanOrEqual(9);
    for (const message of [first, ...rest]) message?.ack();
    expect(await connection.next(100)).toEqual([]);
    await connection.close();
    expect(await cluster.committed(names.group, names.topic)).toEqual([1 + rest.length]);
  });

  it('loses nothing when another member takes partitions, and when it ends with messages in its hands', async () => {
    const names = await place(4);
    const seen = new Set<string>();
    const work = async (connection: BrokerConnection): Promise<void> => {
      for (;;) {
        const messages = await connection.next(50);
        if (messages.length === 0) return;
        for (const message of messages) {
          seen.add(message.id);
          message.ack();
        }
      }
    };
    const first = await connect(names, 20);
    const working = work(first);
    await cluster.produce(names.topic, numbered(0, 400));
    await eventually(async () => seen.size).toBeGreaterThan(50);
    const second = await connect(names, 20);
    // All partitions: so that the other member, which gets some of them, has something to take.
    await cluster.produce(
      names.topic,
      [0, 1, 2, 3].flatMap((part) => numbered(400 + 100 * part, 500 + 100 * part, part)),
    );
    const held = await second.next(20);
    expect(held.length).toBeGreaterThan(0);
    await second.close();
    await cluster.produce(names.topic, numbered(800, 1000));
    await eventually(async () => seen.size).toBe(1000);
    await eventually(() => first.lag()).toBe(0);
    await first.stopTaking();
    await working;
  });

  it('reads what was compressed in every way that producers have', async () => {
    const names = await place(1);
    const codecs = ['gzip', 'snappy', 'lz4', 'zstd'];
    // Long enough to be compressed at all, and in several blocks.
    const value = (codec: string) => JSON.stringify({ codec, text: `${codec} and again `.repeat(20_000) });
    for (const codec of codecs) await cluster.produce(names.topic, [{ id: codec, value: value(codec) }], codec);
    const messages = await taken(await connect(names), 4);
    expect(idsOf(messages)).toEqual([...codecs].sort());
    for (const { id, data } of messages) expect(Buffer.from(data ?? []).toString() === value(id)).toBe(true);
  });

  it('is quiet while there is nothing to do', async () => {
    const names = await place();
    await cluster.produce(names.topic, numbered(0, 1));
    const connection = await connect(names);
    for (const message of await taken(connection, 1)) message.ack();
    await eventually(() => connection.lag()).toBe(0);
    const set = vi.spyOn(globalThis, 'setTimeout');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const timers = set.mock.calls.length;
    set.mockRestore();
    // Two brokers are asked twice a second; the client's own fault was a timer per millisecond and connection.
    expect(timers).toBeLessThan(100);
  });

  it('says which topic is missing, of source and targets', async () => {
    const names = await place();
    await expect(connect({ ...names, topic: 'nowhere' })).rejects.toMatchObject({
      code: 'BRK_SOURCE_INVALID',
      message: expect.stringContaining('Topic nowhere of kafka://127.0.0.1'),
    });
    await expect(connect(names, 10, [names.out, 'no-letters'])).rejects.toMatchObject({
      code: 'BRK_SOURCE_INVALID',
      message: expect.stringContaining('no-letters'),
    });
  });

  it('says that the broker is not there, or does not allow it', async () => {
    const names = await place();
    const source = { stream: names.topic, targets: [], consumer: 'g', maxInFlight: 10, ackWaitMs: 1000 };
    await expect(openBroker({ ...source, address: parseBrokerAddress('kafka://127.0.0.1:1') })).rejects.toMatchObject({
      code: 'BRK_UNREACHABLE',
      message: expect.stringContaining('kafka://127.0.0.1:1'),
    });
    const connection = await openBroker({
      ...source,
      ...{ consumer: names.group, address: parseBrokerAddress(`kafka://${cluster.hosts[0]}`) },
    });
    open.push(connection);
    await cluster.pushErrors(API.produce, [ERROR.topicAuthorization]);
    const message = { id: 'x', key: null, data: Buffer.from('{}'), headers: {} };
    await expect(connection.publish(names.out, message)).rejects.toMatchObject({ code: 'BRK_UNAUTHORISED' });
    await cluster.pushErrors(API.joinGroup, [ERROR.groupAuthorization]);
    const refused = await openBroker({
      ...source,
      ...{ consumer: `${names.group}x`, address: parseBrokerAddress(`kafka://${cluster.hosts[0]}`) },
    });
    open.push(refused);
    await expect(refused.next(1)).rejects.toMatchObject({ code: 'BRK_UNAUTHORISED' });
  });
});
