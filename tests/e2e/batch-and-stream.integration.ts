// Batches and streams where they are run in earnest. Needs PostgreSQL, NATS with JetStream, and Python 3.11 or newer for the cluster of Kafka.
import { join } from 'node:path';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/harness/watched-process.mjs';
import { openTestPostgres } from '../../packages/server/src/platform/db/testing.js';
import { createLake } from '../../packages/server/src/platform/lake/index.js';
import { type KafkaCluster, startKafkaCluster } from '../harness/kafka-cluster.js';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';
import { addPeople, exampleRow, runToRelease, smallProject } from '../harness/port-weather.js';

const NATS = process.env.FAIRLEAD_TEST_NATS ?? 'nats://127.0.0.1:4222';
/** Names of this run alone: the broker is shared. */
const RUN = `e${process.pid}x${Date.now()}`;
const ROWS = 20_000;
const MESSAGES = 300;
const left: (() => unknown)[] = [];
let nats: NatsConnection;
let cluster: KafkaCluster;

beforeAll(async () => {
  nats = await connect({ servers: new URL(NATS).host });
  cluster = await startKafkaCluster(1);
});
afterEach(async () => {
  for (const undo of left.splice(0).reverse()) await undo();
});
afterAll(async () => {
  await nats?.close();
  cluster?.close();
});

interface Place {
  readonly name: string;
  readonly folder: string;
  readonly server: LiveServer;
  readonly client: FairleadClient;
}

/** A server of its own with a model in test. */
async function place(name: string, flags: readonly string[]): Promise<Place> {
  const { folder, dispose } = temporaryFolder(name);
  left.push(dispose);
  const brokers = ['--stream-brokers', `${NATS},kafka://${cluster.hosts.join(',')}`];
  const server = await startLiveServer({ folder, flags: [...flags, ...brokers] });
  left.push(() => server.stop());
  const client = createClient({ url: server.url, maxRetries: 0 });
  const project = smallProject(folder);
  project.rules = {};
  await client.projects.apply({ folder, project });
  await runToRelease(await addPeople(client));
  return { name, folder, server, client };
}

async function answersBatch({ folder, client }: Place): Promise<void> {
  // A name that does not say the format, which is said instead.
  const input = join(folder, 'days.data');
  const lake = await createLake({ tempFolder: join(folder, 'temp'), allowedFolders: [folder] });
  await lake.exportParquet(
    `SELECT i AS id, (i % 50)::FLOAT AS precipitation, (i % 35)::DOUBLE AS temp_max, (i % 20)::DOUBLE AS temp_min, ((i * 7) % 90) / 10 AS wind, ['sun', 'rain', 'fog'][i % 3 + 1] AS weather, i % 4 = 0 AS raining FROM range(${ROWS}) t(i)`,
    input,
  );
  await lake.close();
  const output = join(folder, 'answers.parquet');
  const { id } = await client.batches.start({
    endpoint: 'rain',
    environment: 'test',
    input,
    format: 'parquet',
    output,
    keep: ['id'],
  });
  expect(await client.batches.wait(id)).toMatchObject({ state: 'succeeded', result: { rows: ROWS, errorRows: 0 } });
}

async function answersNats({ name, client }: Place): Promise<void> {
  const subject = `${RUN}.${name}`;
  const manager = await jetstreamManager(nats);
  for (const [stream, taken] of Object.entries({ in: [`${subject}.in`], out: [`${subject}.out`, `${subject}.dead`] })) {
    await manager.streams.add({ name: `${RUN}${name}${stream}`, subjects: taken });
    left.push(() => manager.streams.delete(`${RUN}${name}${stream}`));
  }
  await client.streams.declare('nats', {
    ...{ endpoint: 'rain', environment: 'test', broker: NATS, stream: `${RUN}${name}in` },
    ...{ output: `${subject}.out`, deadLetter: `${subject}.dead` },
  });
  const stream = jetstream(nats);
  await Promise.all(
    Array.from({ length: MESSAGES }, (_, i) => {
      const sent = headers();
      sent.set('Nats-Msg-Id', `m-${i}`);
      return stream.publish(`${subject}.in`, JSON.stringify(exampleRow), { headers: sent });
    }),
  );
  await untilAnswered(client, 'nats');
  const { state } = await manager.streams.info(`${RUN}${name}out`);
  expect(state.messages).toBe(MESSAGES);
}

async function answersKafka({ name, client }: Place): Promise<void> {
  const topics = { stream: `${name}-in`, output: `${name}-out`, deadLetter: `${name}-dead` };
  for (const topic of Object.values(topics)) await cluster.topic(topic, 3);
  const broker = `kafka://${cluster.hosts.join(',')}`;
  await client.streams.declare(`kafka-${name}`, { endpoint: 'rain', environment: 'test', broker, ...topics });
  const messages = Array.from({ length: MESSAGES }, (_, i) => ({ id: `m-${i}`, value: JSON.stringify(exampleRow) }));
  await cluster.produce(topics.stream, messages);
  await untilAnswered(client, `kafka-${name}`);
  const ids = (await cluster.read(topics.output)).map(({ id }) => id);
  expect(ids.sort()).toEqual(messages.map(({ id }) => id).sort());
}

const untilAnswered = (client: FairleadClient, name: string) =>
  expect
    .poll(async () => (await client.streams.get(name)).status, { timeout: 120_000, interval: 100 })
    .toMatchObject({ answered: MESSAGES, lag: 0, error: null });

describe('batches and streams', () => {
  it('are answered with the records in PostgreSQL', async () => {
    const database = await openTestPostgres([]);
    left.push(database.dispose);
    const where = await place('postgres', ['--database-url', database.url]);
    await answersBatch(where);
    await answersNats(where);
    await answersKafka(where);
  });

  it('are answered beside serving processes', async () => {
    const servingPort = String(await freePort());
    const where = await place('processes', ['--serving-port', servingPort, '--serving-processes', '2']);
    await answersBatch(where);
    await answersNats(where);
    await answersKafka(where);
    const read = async (url: string) => (await fetch(`${url}/metrics`)).text();
    expect(await read(where.server.url)).toMatch(
      new RegExp(`stream_messages_total\\{stream="nats",outcome="answered"\\} ${MESSAGES}\n`),
    );
  });
});
