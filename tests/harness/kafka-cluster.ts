import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { mlflowEnvironment } from '../../bench/harness/mlflow-environment.mjs';
import { plainEnvironment } from './live-server.js';

const program = fileURLToPath(new URL('../clients/python/kafka_cluster.py', import.meta.url));

export interface SentMessage {
  /** In the header Fairlead-Id. */
  readonly id?: string;
  readonly key?: string;
  /** Null: a tombstone. */
  readonly value: string | null;
  readonly partition?: number;
}

export interface ReadMessage {
  readonly id: string | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly key: string | null;
  readonly text: string | null;
  readonly partition: number;
}

/** A cluster of another make (librdkafka's) over real sockets, with a client of its own: see `kafka_cluster.py`. */
export interface KafkaCluster {
  /** host:port of each broker. */
  readonly hosts: readonly string[];
  topic(name: string, partitions: number): Promise<void>;
  produce(topic: string, messages: readonly SentMessage[], codec?: string): Promise<void>;
  read(topic: string): Promise<ReadMessage[]>;
  count(topic: string): Promise<number>;
  /** By partition; -1001 where nothing was committed. */
  committed(group: string, topic: string): Promise<number[]>;
  /** The next requests of this kind are answered with these errors of the protocol. */
  pushErrors(api: number, codes: readonly number[]): Promise<void>;
  down(broker: number): Promise<void>;
  up(broker: number): Promise<void>;
  close(): void;
}

export async function startKafkaCluster(brokers: number): Promise<KafkaCluster> {
  const { python } = await mlflowEnvironment('kafka');
  const child = spawn(python, [program, String(brokers)], {
    env: { ...plainEnvironment(), PYTHONUNBUFFERED: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stderr.on('data', (text) => {
    printed = (printed + text).slice(-4_000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the cluster has ended: ${printed}`);
    return JSON.parse(value);
  };
  const addresses = String(await line());
  let turn: Promise<unknown> = Promise.resolve();
  const ask = <T>(what: string, ...values: readonly unknown[]): Promise<T> => {
    const asked = turn.then(async () => {
      child.stdin.write(`${JSON.stringify({ do: what, with: values })}\n`);
      const answer = (await line()) as { ok: T } | { error: string };
      if ('error' in answer) throw new Error(`${what}: ${answer.error}`);
      return answer.ok;
    });
    turn = asked.catch(() => undefined);
    return asked;
  };
  return {
    hosts: addresses.split(','),
    topic: (name, partitions) => ask('topic', name, partitions),
    produce: async (topic, messages, codec = 'none') => {
      const { failed } = await ask<{ failed: string[] }>('produce', topic, messages, codec);
      if (failed.length > 0) throw new Error(`${failed.length} messages were not stored: ${failed[0]}`);
    },
    read: (topic) => ask('read', topic),
    count: async (topic) => (await ask<number[]>('ends', topic)).reduce((sum, end) => sum + end, 0),
    committed: (group, topic) => ask('committed', group, topic),
    pushErrors: (api, codes) => ask('errors', api, codes),
    down: (broker) => ask('down', broker),
    up: (broker) => ask('up', broker),
    close: () => child.kill(),
  };
}
