// Against librdkafka's own cluster over real sockets. Needs Python 3.11 or newer, see tests/clients/README.md.
import { createClient, type FairleadClient, type StreamDeclaration } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/harness/watched-process.mjs';
import { type KafkaCluster, startKafkaCluster } from '../harness/kafka-cluster.js';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';
import { deployRainInTest, exampleRow, smallProject } from '../harness/port-weather.js';

const { folder, dispose } = temporaryFolder('stream-kafka');
const IN_FLIGHT = 32;
let port: number;
let server: LiveServer;
let client: FairleadClient;
let cluster: KafkaCluster;

beforeAll(async () => {
  cluster = await startKafkaCluster(2);
  for (const topic of ['days', 'answers', 'dead']) await cluster.topic(topic, 3);
  port = await freePort();
  server = await start();
  await deployRainInTest(client, folder);
});
afterAll(async () => {
  await server?.stop();
  cluster?.close();
  dispose();
});

const broker = () => `kafka://${cluster.hosts.join(',')}`;

async function start(): Promise<LiveServer> {
  // By a variable, in which brokers and the hosts of one broker are told apart.
  const env = { FAIRLEAD_STREAM_BROKERS: `nats://127.0.0.1:1,${broker()}` };
  const started = await startLiveServer({ folder, port, env });
  client = createClient({ url: started.url, maxRetries: 0 });
  return started;
}

const declaration = (): StreamDeclaration => ({
  ...{ endpoint: 'rain', environment: 'test', broker: broker(), maxInFlight: IN_FLIGHT },
  ...{ stream: 'days', output: 'answers', deadLetter: 'dead' },
});

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`).sort();
const send = (ids: readonly string[], value = JSON.stringify(exampleRow)) =>
  cluster.produce(
    'days',
    ids.map((id) => ({ id, value })),
  );
const untilMore = (than: number) =>
  expect.poll(() => cluster.count('answers'), { timeout: 120_000, interval: 20 }).toBeGreaterThan(than);
const untilAnswered = () =>
  expect.poll(async () => (await client.streams.get('days')).status.lag, { timeout: 120_000, interval: 100 }).toBe(0);
const idsOf = (messages: readonly { id: string | null }[]) => messages.map(({ id }) => id ?? '').sort();
const answersOf = async (prefix: string) => (await cluster.read('answers')).filter(({ id }) => id?.startsWith(prefix));

describe('a stream of Kafka', () => {
  it('is answered message by message; what does not fit goes to the dead letters with the reason', async () => {
    await client.streams.declare('days', declaration());
    await send(names('first', 50));
    await cluster.produce('days', [
      { key: 'torn', id: 'torn', value: '{"wind":' },
      { key: 'list', id: 'list', value: '[1]' },
      { key: 'empty', id: 'empty', value: '' },
      { key: 'tombstone', value: null, partition: 1 },
      { key: 'cell', id: 'cell', value: JSON.stringify({ ...exampleRow, wind: 'strong' }) },
      { key: 'unnamed', value: JSON.stringify(exampleRow), partition: 2 },
    ]);
    await untilAnswered();
    const answers = await cluster.read('answers');
    const unnamed = answers.find(({ key }) => key === 'unnamed');
    expect(unnamed?.id).toMatch(/^days:2:\d+$/);
    expect(JSON.parse(unnamed?.text ?? '')).toMatchObject({ id: unnamed?.id, version: 1, label: expect.any(String) });
    expect(idsOf(answers.filter((one) => one !== unnamed))).toEqual(names('first', 50));
    const dead = await cluster.read('dead');
    expect(Object.fromEntries(dead.map(({ key, code, reason }) => [key, `${code}: ${reason}`]))).toEqual({
      torn: 'SRV_STREAM_MESSAGE: The message is not one row: it is no JSON.',
      list: 'SRV_STREAM_MESSAGE: The message is not one row: it is no JSON object.',
      empty: 'SRV_STREAM_MESSAGE: The message is not one row: it is empty.',
      tombstone: 'SRV_STREAM_MESSAGE: The message is not one row: it is a tombstone, a key without a value.',
      cell: expect.stringMatching(/^SRV_INPUT_INVALID: .*wind/),
    });
    expect(dead.find(({ key }) => key === 'tombstone')?.text).toBeNull();
    expect(dead.find(({ key }) => key === 'cell')?.text).toContain('strong');
  });

  it('has its lag in the metrics though nobody looks at the stream', async () => {
    const read = async () => (await fetch(`${server.url}/metrics`)).text();
    expect(await read()).toMatch(/fairlead_serving_stream_lag_messages\{stream="days"\} 0\n/);
    expect(await read()).toMatch(/fairlead_serving_stream_running\{stream="days"\} 1\n/);
    await cluster.down(1);
    await cluster.down(2);
    await expect.poll(read, { timeout: 120_000, interval: 250 }).toMatch(/stream_running\{stream="days"\} 0\n/);
    expect((await client.streams.get('days')).status).toMatchObject({
      ...{ state: 'connecting', lag: null, error: expect.stringMatching(/^BRK_UNREACHABLE: /) },
    });
    await cluster.up(1);
    await cluster.up(2);
    await send(names('again', 20));
    await untilAnswered();
    expect(idsOf(await answersOf('again'))).toEqual(names('again', 20));
  });

  it('loses no message when the server is killed in the middle, and repeats no more than were under way', async () => {
    const ids = names('killed', 3000);
    const before = await cluster.count('answers');
    await send(ids);
    for (const atLeast of [300, 900]) {
      await untilMore(before + atLeast);
      await server.kill();
      server = await start();
    }
    await untilAnswered();
    const answers = await answersOf('killed');
    expect([...new Set(idsOf(answers))]).toEqual(ids);
    // Kafka stores an answer again whose id was not yet written down: at most those of one turn for each kill.
    expect(answers.length).toBeLessThanOrEqual(ids.length + 2 * IN_FLIGHT);
  });

  it('knows messages that come again, also after a restart', async () => {
    await server.stop();
    server = await start();
    const before = await cluster.count('answers');
    await send(names('killed', 50));
    await untilAnswered();
    expect(await cluster.count('answers')).toBe(before);
    expect((await client.streams.get('days')).status).toMatchObject({ answered: 0, duplicates: 50 });
  });

  it('answers what has arrived when it is asked to stop', async () => {
    const before = await cluster.count('answers');
    await send(names('drained', 1000));
    await untilMore(before + 100);
    expect(await server.stop()).toMatchObject({ code: 0 });
    const committed = (await cluster.committed('fairlead-days', 'days')).reduce((sum, offset) => sum + offset, 0);
    const open = (await cluster.count('days')) - committed;
    expect((await answersOf('drained')).length).toBe(1000 - open);
    server = await start();
    await untilAnswered();
    expect(idsOf(await answersOf('drained'))).toEqual(names('drained', 1000));
  });

  it('is refused with subjects, as a loop, with what is no topic, or with half of the hosts', async () => {
    const refused = (more: Partial<StreamDeclaration>) =>
      client.streams.declare('other', { ...declaration(), ...more }).then(
        () => 'taken',
        (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
      );
    expect(await refused({ subject: 'days.new' })).toMatch(/^SRV_STREAM_INVALID: .*no subjects/);
    expect(await refused({ output: 'days' })).toMatch(
      /^SRV_STREAM_INVALID: .*output is days, the same place as stream/,
    );
    expect(await refused({ output: 'täglich' })).toMatch(/^SRV_STREAM_INVALID: .*output is täglich/);
    expect(await refused({ broker: `kafka://${cluster.hosts[0]}` })).toMatch(/^SRV_STREAM_FORBIDDEN/);
    expect(await refused({ broker: 'kafka://a:99999' })).toMatch(/^BRK_ADDRESS_INVALID/);
  });

  it('is declared, changed and removed by the project file, which is refused whole with the place of what is wrong', async () => {
    const stream = { endpoint: 'rain', environment: 'test', broker: broker(), stream: 'days' };
    const planned = async (streams: object) => {
      const project = { ...smallProject(folder), rules: {}, streams };
      const { changes } = await client.projects.apply({ folder, project: project as never });
      return changes.filter(({ kind }) => kind === 'stream').map(({ name, action }) => `${action} ${name}`);
    };
    const filed = { ...stream, output: 'answers', deadLetter: 'dead', paused: true };
    expect(await planned({ filed })).toEqual(['create filed']);
    expect(await planned({ filed })).toEqual(['none filed']);
    expect(await planned({ filed: { ...filed, maxInFlight: 5 } })).toEqual(['change filed']);
    expect((await client.streams.get('filed')).spec).toMatchObject({ maxInFlight: 5, ackWaitMs: 30_000, paused: true });
    await expect(
      planned({ filed: { removed: true }, more: { ...filed, broker: 'kafka://other:9092' } }),
    ).rejects.toMatchObject({
      code: 'PRJ_INVALID',
      message: expect.stringMatching(
        /^streams\.more\.broker: is kafka:\/\/other:9092, which the operator has not allowed/,
      ),
    });
    await expect(planned({ more: { ...filed, deadLetter: 'days' } })).rejects.toMatchObject({
      message: expect.stringMatching(/^streams\.more\.deadLetter: is days, the same place as stream/),
    });
    expect((await client.streams.get('filed')).spec.maxInFlight).toBe(5);
    expect(await planned({ filed: { removed: true } })).toEqual(['remove filed']);
    expect(await planned({ filed: { removed: true } })).toEqual(['none filed']);
    await expect(client.streams.get('filed')).rejects.toMatchObject({ code: 'SRV_STREAM_NOT_FOUND' });
  });

  it('says what is missing until it is there', async () => {
    await client.streams.declare('later', { ...declaration(), output: 'not-yet' });
    await expect
      .poll(async () => (await client.streams.get('later')).status.error, { timeout: 120_000 })
      .toMatch(/^BRK_SOURCE_INVALID: Topic not-yet of kafka:\/\//);
    await cluster.topic('not-yet', 1);
    await expect
      .poll(async () => (await client.streams.get('later')).status.state, { timeout: 120_000 })
      .toBe('running');
    await client.streams.remove('later');
    expect(await (await fetch(`${server.url}/metrics`)).text()).not.toContain('lag_messages{stream="later"}');
  });
});
