// Against a NATS server of its own with TLS and a certificate authority of its own, and librdkafka's cluster behind a front that asks for
// TLS and a password. Needs nats-server, openssl, and Python 3.11 or newer.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type FairleadClient, type StreamDeclaration } from '@fairlead/sdk';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/harness/watched-process.mjs';
import { makeCertificates } from '../harness/certificates.js';
import { type KafkaCluster, startKafkaCluster } from '../harness/kafka-cluster.js';
import { type KafkaFront, startKafkaFront } from '../harness/kafka-front.js';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';
import { deployRainInTest, exampleRow } from '../harness/port-weather.js';

const NATS_SERVER = process.env.FAIRLEAD_TEST_NATS_SERVER ?? 'nats-server';
const SECRET = 'hush-hush-tls-4711';
const WRONG = 'wrong-wrong-0815';
const { folder, dispose } = temporaryFolder('stream-tls');
const at = (name: string) => join(folder, 'secrets', name);
let server: LiveServer;
let client: FairleadClient;
let natsProcess: ReturnType<typeof spawn>;
let natsPort: number;
let nats: NatsConnection;
let cluster: KafkaCluster;
let front: KafkaFront;

beforeAll(async () => {
  mkdirSync(join(folder, 'secrets'));
  await makeCertificates(join(folder, 'secrets'));
  writeFileSync(at('password'), `${SECRET}\n`);
  natsPort = await freePort();
  writeFileSync(
    at('nats.conf'),
    `listen: "127.0.0.1:${natsPort}"
    jetstream { store_dir: "${at('jetstream')}" }
    tls { cert_file: "${at('server.pem')}", key_file: "${at('server.key')}", ca_file: "${at('ca.pem')}" }
    authorization { users: [ { user: "fair", password: "${SECRET}" }, { user: "deaf", password: "${SECRET}", permissions: { publish: { deny: ">" } } } ] }`,
  );
  // TLS there is from the first byte that NATS itself sends in the clear: its greeting, which asks for it.
  natsProcess = spawn(NATS_SERVER, ['-c', at('nats.conf')], { stdio: 'ignore' });
  const asUser = { servers: `127.0.0.1:${natsPort}`, user: 'fair', pass: SECRET, tls: { caFile: at('ca.pem') } };
  nats = await connect({ ...asUser, waitOnFirstConnect: true, reconnectTimeWait: 100 });
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ name: 'DAYS', subjects: ['days'] });
  await manager.streams.add({ name: 'RAIN', subjects: ['rain.*'] });
  cluster = await startKafkaCluster(1);
  for (const topic of ['days', 'answers', 'dead']) await cluster.topic(topic, 2);
  front = await startKafkaFront(cluster.hosts[0] ?? '', {
    ...{ cert: readFileSync(at('server.pem')), key: readFileSync(at('server.key')), user: 'fair', password: SECRET },
  });
  server = await start();
  await deployRainInTest(client, folder);
});
afterAll(async () => {
  await server?.stop();
  await nats?.close();
  natsProcess?.kill();
  await front?.close();
  cluster?.close();
  dispose();
});

const brokers = {
  nats: () => `nats+tls://127.0.0.1:${natsPort}`,
  kafka: () => `kafka+ssl://${front.host}`,
};

async function start(
  more = {
    nats: `?password-file=${at('password')}&ca=${at('ca.pem')}`,
    kafka: `?password-env=KAFKA_PASS&ca=${at('ca.pem')}`,
  },
  user = 'fair',
): Promise<LiveServer> {
  const withUser = (address: string) => address.replace('://', `://${user}@`);
  const list = `${withUser(brokers.nats())}${more.nats},${withUser(brokers.kafka())}${more.kafka}`;
  const started = await startLiveServer({
    folder,
    env: { FAIRLEAD_STREAM_BROKERS: list, KAFKA_PASS: SECRET, KAFKA_WRONG: WRONG },
  });
  client = createClient({ url: started.url, maxRetries: 0 });
  return started;
}

async function restart(...how: Parameters<typeof start>): Promise<void> {
  await server.stop();
  server = await start(...how);
}

const common = { endpoint: 'rain', environment: 'test' };
const declarations = (): Record<string, StreamDeclaration> => ({
  nats: { ...common, broker: brokers.nats(), stream: 'DAYS', output: 'rain.answers', deadLetter: 'rain.dead' },
  kafka: { ...common, broker: brokers.kafka(), stream: 'days', output: 'answers', deadLetter: 'dead' },
});
const stateOf = async (name: string) => {
  const { state, error } = (await client.streams.get(name)).status;
  return `${state} ${error ?? ''}`;
};
const until = (name: string, what: RegExp) => expect.poll(() => stateOf(name), { timeout: 40_000 }).toMatch(what);

describe('brokers behind TLS and a password', () => {
  it('are read and written with secrets from a file and from a variable', async () => {
    for (const [name, declaration] of Object.entries(declarations())) await client.streams.declare(name, declaration);
    await jetstream(nats).publish('days', JSON.stringify(exampleRow));
    await cluster.produce('days', [{ id: 'one', value: JSON.stringify(exampleRow) }]);
    for (const name of ['nats', 'kafka']) {
      await expect.poll(async () => (await client.streams.get(name)).status.answered, { timeout: 40_000 }).toBe(1);
    }
    expect((await cluster.read('answers')).map(({ id }) => id)).toEqual(['one']);
  });

  it('of Kafka may close connections on which nothing was said: the next answer and the next lag open new ones', async () => {
    // What writes answers and asks for the lag is silent meanwhile; what reads is not.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect(front.closeIdle(2_500)).toBeGreaterThan(0);
    await cluster.produce('days', [{ id: 'two', value: JSON.stringify(exampleRow) }]);
    await expect
      .poll(async () => (await client.streams.get('kafka')).status, { timeout: 40_000 })
      .toMatchObject({ state: 'running', answered: 2, retried: 0, lag: 0, error: null });
  });

  it('say that the certificate is not trusted when its authority is not named', async () => {
    await restart({ nats: `?password-file=${at('password')}`, kafka: '?password-env=KAFKA_PASS' });
    await until('nats', /^connecting BRK_UNTRUSTED: nats\+tls:/);
    await until('kafka', /^connecting BRK_UNTRUSTED: kafka\+ssl:/);
  });

  it('say that the password is wrong', async () => {
    const ca = `&ca=${at('ca.pem')}`;
    await restart({ nats: `?password-env=KAFKA_WRONG${ca}`, kafka: `?password-env=KAFKA_WRONG${ca}` });
    await until('nats', /^connecting BRK_UNAUTHORISED: /);
    await until('kafka', /^connecting BRK_UNAUTHORISED: /);
  });

  it('say that a file is missing, and go on when it is there', async () => {
    const ca = `&ca=${at('ca.pem')}`;
    await restart({ nats: `?password-file=${at('later')}${ca}`, kafka: `?password-file=${at('later')}${ca}` });
    await until('nats', /^connecting BRK_SECRET_MISSING: The file .*later, password-file of nats\+tls:/);
    await until('kafka', /^connecting BRK_SECRET_MISSING: /);
    writeFileSync(at('later'), SECRET);
    await until('nats', /^running $/);
    await until('kafka', /^running $/);
  });

  it('of NATS may ask for a certificate of ours and a token', async () => {
    const port = await freePort();
    writeFileSync(
      at('token.conf'),
      `listen: "127.0.0.1:${port}"
      jetstream { store_dir: "${at('jetstream-token')}" }
      tls { cert_file: "${at('server.pem')}", key_file: "${at('server.key')}", ca_file: "${at('ca.pem')}", verify: true }
      authorization { token: "${SECRET}" }`,
    );
    const other = spawn(NATS_SERVER, ['-c', at('token.conf')], { stdio: 'ignore' });
    try {
      const files = { caFile: at('ca.pem'), certFile: at('server.pem'), keyFile: at('server.key') };
      const asUser = { servers: `127.0.0.1:${port}`, token: SECRET, tls: files };
      const own = await connect({ ...asUser, waitOnFirstConnect: true, reconnectTimeWait: 100 });
      await (await jetstreamManager(own)).streams.add({ name: 'DAYS', subjects: ['days'] });
      await own.close();
      const shown = `cert=${at('server.pem')}&key=${at('server.key')}&ca=${at('ca.pem')}&token-file=${at('password')}`;
      await server.stop();
      const broker = `nats+tls://127.0.0.1:${port}`;
      server = await startLiveServer({ folder, env: { FAIRLEAD_STREAM_BROKERS: `${broker}?${shown}` } });
      client = createClient({ url: server.url, maxRetries: 0 });
      await client.streams.declare('token', { ...declarations().nats, broker } as StreamDeclaration);
      await until('token', /^running $/);
      await client.streams.remove('token');
    } finally {
      other.kill();
    }
  });

  it('say that a user may not read', async () => {
    const ca = `&ca=${at('ca.pem')}`;
    await restart({ nats: `?password-env=KAFKA_PASS${ca}`, kafka: `?password-env=KAFKA_PASS${ca}` }, 'deaf');
    await until('nats', /^connecting BRK_UNAUTHORISED: /);
  });

  it('are never spoken to in the clear when TLS was asked for', async () => {
    const plain = process.env.FAIRLEAD_TEST_NATS ?? 'nats://127.0.0.1:4222';
    const tls = plain.replace('nats://', 'nats+tls://');
    await server.stop();
    const env = { FAIRLEAD_STREAM_BROKERS: `${tls.replace('://', '://fair:hush-in-the-clear@')}` };
    server = await startLiveServer({ folder, env });
    client = createClient({ url: server.url, maxRetries: 0 });
    await client.streams.declare('clear', { ...common, ...declarations().nats, broker: tls } as StreamDeclaration);
    await until('clear', /^connecting BRK_UNTRUSTED: /);
    await client.streams.remove('clear');
  });

  it('leave their secrets nowhere', async () => {
    const audit = JSON.stringify(await client.audit.list({ limit: 1000 }));
    expect(audit).toContain('serving.stream-declared');
    const told = [audit, JSON.stringify(await client.streams.list()), server.output()];
    for (const text of told) expect(text).not.toMatch(/hush|wrong-wrong/);
    const stored = ['fairlead.db', 'fairlead.db-wal'].map((name) => readFileSync(join(folder, 'home', name), 'latin1'));
    for (const text of stored) expect(text).not.toMatch(/hush-hush|wrong-wrong|hush-in-the-clear/);
  });
});
