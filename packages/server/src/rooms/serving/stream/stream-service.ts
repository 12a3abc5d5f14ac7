import { canonicalJson, isName } from '@fairlead/kernel';
import { type BrokerAddress, type OpenBroker, parseBrokerAddress } from '../../../platform/brokers/index.js';
import type { ChangeContext, Db } from '../../../platform/db/index.js';
import type { Metrics } from '../../../platform/telemetry/index.js';
import { createSerialQueue } from '../serial-queue.js';
import { servingErrors } from '../serving-errors.js';
import { streamDeclared, streamRemoved } from '../serving-events.js';
import type { ServingService } from '../serving-types.js';
import { createStreamMetrics } from './stream-metrics.js';
import { type StreamIssue, streamIssue } from './stream-rules.js';
import { StreamRunner } from './stream-runner.js';
import { createStreamStore } from './stream-store.sql.js';
import type { Stream, StreamSpec, StreamStatus } from './stream-types.js';

export interface StreamService {
  /**
   * From now on the stream is read as declared; a stream of this name that runs is drained first.
   *
   * @throws SRV_NAME_INVALID, SRV_ENDPOINT_NOT_FOUND, SRV_STREAM_INVALID, SRV_STREAM_FORBIDDEN,
   *   BRK_ADDRESS_INVALID
   */
  declare(context: ChangeContext, spec: StreamSpec): Promise<{ stream: Stream; changed: boolean }>;
  /** Why `declare` would refuse it, beside its endpoint; null: it would not. @throws BRK_ADDRESS_INVALID */
  issueOf(spec: StreamSpec): StreamIssue | null;
  streams(): Promise<Stream[]>;
  /** As they are declared, without asking brokers how far they are. */
  specs(): Promise<StreamSpec[]>;
  /** @throws SRV_STREAM_NOT_FOUND */
  stream(name: string): Promise<Stream>;
  /** Drains it first. The broker's own memory of what was read stays there. @throws SRV_STREAM_NOT_FOUND */
  remove(context: ChangeContext, name: string): Promise<void>;
  /** Reads the declared streams; called once at start, when the endpoints answer. */
  start(): Promise<void>;
  /** Answers and acknowledges what has arrived, and takes no more. */
  close(): Promise<void>;
}

export interface StreamDeps {
  readonly db: Db;
  readonly serving: Pick<ServingService, 'predict' | 'endpoint'>;
  readonly metrics: Metrics;
  /** Brokers that may be read, with user and password where they ask for them. */
  readonly brokers: readonly string[];
  readonly open: OpenBroker;
  readonly nowMs: () => number;
  readonly onError: (error: unknown, message: string) => void;
}

const PAUSED: StreamStatus = {
  ...{ state: 'paused', error: null, lag: null },
  ...{ answered: 0, deadLettered: 0, duplicates: 0, retried: 0 },
};

/** So often brokers are asked for the lag when nobody scrapes. */
const LAG_EVERY_MS = 15_000;

/** @throws BRK_ADDRESS_INVALID when `brokers` has what is no address */
export function createStreams(deps: StreamDeps): StreamService {
  const { db, serving } = deps;
  const brokers = deps.brokers.map((text) => parseBrokerAddress(text));
  const store = createStreamStore();
  const runners = new Map<string, StreamRunner>();
  const inTurn = createSerialQueue();
  const refreshLags = async (): Promise<void> => {
    await Promise.all([...runners.values()].map((runner) => runner.lag()));
  };
  const metrics = createStreamMetrics(deps.metrics, refreshLags);
  const parts = { ...deps, store, metrics, predict: serving.predict };
  let asking: NodeJS.Timeout | undefined;

  const run = (spec: StreamSpec): void => {
    const address = addressOf(brokers, spec.broker);
    if (spec.paused || address === undefined) return;
    runners.set(spec.name, new StreamRunner(parts, spec, address));
  };
  const halt = async (name: string): Promise<void> => {
    const runner = runners.get(name);
    runners.delete(name);
    await runner?.stop();
  };
  const view = async (spec: StreamSpec): Promise<Stream> => {
    const status = (await runners.get(spec.name)?.status()) ?? PAUSED;
    const forbidden = addressOf(brokers, spec.broker) === undefined;
    return { spec, status: forbidden ? { ...status, state: 'stopped', error: forbiddenText(spec.broker) } : status };
  };
  const find = async (name: string): Promise<StreamSpec> => {
    const spec = (await store.list(db)).find((one) => one.name === name);
    if (spec !== undefined) return spec;
    throw servingErrors.SRV_STREAM_NOT_FOUND(`There is no stream ${name}.`, { data: { stream: name } });
  };
  const issueOf = (spec: StreamSpec): StreamIssue | null => {
    const address = addressOf(brokers, spec.broker);
    if (address !== undefined) return streamIssue(spec, address.kind);
    return { field: 'broker', problem: `is ${spec.broker}, which the operator has not allowed (streamBrokers)` };
  };
  return {
    issueOf,
    declare: (context, spec) =>
      inTurn(async () => {
        if (!isName(spec.name)) {
          throw servingErrors.SRV_NAME_INVALID(`A stream cannot be named ${spec.name}.`, { data: { name: spec.name } });
        }
        await serving.endpoint(spec.endpoint);
        const issue = issueOf(spec);
        if (issue?.field === 'broker') {
          throw servingErrors.SRV_STREAM_FORBIDDEN(forbiddenText(spec.broker), { data: { broker: spec.broker } });
        }
        if (issue !== null) {
          const { field, problem } = issue;
          const { stream, subject, output, deadLetter } = spec;
          throw servingErrors.SRV_STREAM_INVALID(`In stream ${spec.name}, ${field} ${problem}.`, {
            data: { field, stream, subject, output, deadLetter },
          });
        }
        const before = (await store.list(db)).find(({ name }) => name === spec.name);
        if (before !== undefined && canonicalJson(before) === canonicalJson(spec)) {
          return { stream: await view(spec), changed: false };
        }
        await db.transact(context, async (tx) => {
          await store.save(tx, spec);
          const { name, endpoint, environment, paused } = spec;
          tx.record(
            streamDeclared.of(
              { kind: 'stream', id: name },
              { stream: name, endpoint, environment, paused },
              { before, after: spec },
            ),
          );
        });
        await halt(spec.name);
        run(spec);
        return { stream: await view(spec), changed: true };
      }),
    specs: () => store.list(db),
    streams: async () => Promise.all((await store.list(db)).map(view)),
    stream: async (name) => view(await find(name)),
    remove: (context, name) =>
      inTurn(async () => {
        const spec = await find(name);
        await halt(name);
        await db.transact(context, async (tx) => {
          await store.remove(tx, name);
          tx.record(
            streamRemoved.of({ kind: 'stream', id: name }, { stream: name, endpoint: spec.endpoint }, { before: spec }),
          );
        });
      }),
    start: async () => {
      for (const spec of await store.list(db)) run(spec);
      asking = setInterval(() => void refreshLags(), LAG_EVERY_MS).unref();
    },
    close: async () => {
      clearInterval(asking);
      await Promise.all([...runners.keys()].map(halt));
    },
  };
}

/** The operator's own address of a broker: it may have a user and a password, which specifications do not. */
function addressOf(brokers: readonly BrokerAddress[], broker: string): BrokerAddress | undefined {
  const asked = parseBrokerAddress(broker, `The broker ${broker}`);
  return brokers.find(({ name }) => name === asked.name);
}

const forbiddenText = (broker: string) => `The operator has not allowed the broker ${broker}.`;
