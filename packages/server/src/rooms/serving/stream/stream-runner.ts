import { isFairleadError, messageOf, sleep, systemActor } from '@fairlead/kernel';
import type {
  BrokerAddress,
  BrokerConnection,
  BrokerMessage,
  BrokerSource,
  OpenBroker,
  OutgoingMessage,
} from '../../../platform/brokers/index.js';
import type { Db } from '../../../platform/db/index.js';
import type { PredictRequest, PredictResult } from '../serving-types.js';
import { answerMessage, type Outcome } from './answer-message.js';
import type { StreamMetrics } from './stream-metrics.js';
import type { StreamStore } from './stream-store.sql.js';
import type { StreamSpec, StreamState, StreamStatus } from './stream-types.js';

export interface RunnerDeps {
  readonly db: Db;
  readonly store: StreamStore;
  readonly metrics: StreamMetrics;
  readonly open: OpenBroker;
  readonly predict: (request: PredictRequest) => Promise<PredictResult>;
  readonly nowMs: () => number;
  readonly onError: (error: unknown, message: string) => void;
}

type Counted = 'answered' | 'deadLettered' | 'duplicates' | 'retried';

/** So long the id of an answered message is kept: a later delivery of it is not answered again. */
const REMEMBER_MS = 24 * 3_600_000;
const FORGET_EVERY_MS = 60_000;
const RETRY_MS = 1_000;
/** Nobody waits longer for a broker to say how many messages there are. */
const LAG_TIMEOUT_MS = 2_000;
const RECONNECT_MS = [250, 500, 1000, 2000, 5000];

/**
 * Takes the messages of one stream in turns: all that have arrived are answered at once, then published, then remembered, then
 * acknowledged. A kill between any two of these steps delivers them again; the ids that are remembered, and the broker's own
 * memory of ids for the time between publishing and remembering, keep answers from being given twice.
 */
export class StreamRunner {
  readonly #deps: RunnerDeps;
  readonly #spec: StreamSpec;
  readonly #source: BrokerSource;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  readonly #counts = { answered: 0, deadLettered: 0, duplicates: 0, retried: 0 };
  #connection: BrokerConnection | undefined;
  #state: StreamState = 'connecting';
  #error: string | null = null;
  #forgotAtMs = 0;
  #asked: Promise<number | null> | undefined;

  constructor(deps: RunnerDeps, spec: StreamSpec, address: BrokerAddress) {
    this.#deps = deps;
    this.#spec = spec;
    this.#source = {
      ...{ address, stream: spec.stream, consumer: `fairlead-${spec.name}` },
      ...{ maxInFlight: spec.maxInFlight, ackWaitMs: spec.ackWaitMs, targets: [spec.output, spec.deadLetter] },
      ...(spec.subject !== null && { subject: spec.subject }),
    };
    this.#done = this.#run();
  }

  async status(): Promise<StreamStatus> {
    const lag = await this.lag();
    return { state: this.#state, error: this.#error, ...this.#counts, lag };
  }

  /** As the broker says it now, in the gauge too; null when it does not say. Who asks meanwhile gets the same answer. */
  lag(): Promise<number | null> {
    this.#asked ??= this.#askLag().finally(() => {
      this.#asked = undefined;
    });
    return this.#asked;
  }

  async #askLag(): Promise<number | null> {
    const connection = this.#state === 'running' ? this.#connection : undefined;
    if (connection === undefined) return null;
    const enough = new AbortController();
    const asked = connection.lag().catch(() => null);
    const lag = await Promise.race([
      asked,
      sleep(LAG_TIMEOUT_MS, enough.signal).then(
        () => null,
        () => null,
      ),
    ]);
    enough.abort(new Error('the broker has answered'));
    if (!this.#stop.signal.aborted) this.#deps.metrics.lag(this.#spec.name, lag);
    return lag;
  }

  /** Answers what has arrived, takes no more, and resolves when all of it is acknowledged. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the stream is stopped'));
    await this.#connection?.stopTaking().catch(() => undefined);
    await this.#done;
    this.#state = 'stopped';
    this.#deps.metrics.forget(this.#spec.name);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        this.#connection = await this.#deps.open(this.#source);
        this.#enter('running');
        this.#error = null;
        attempt = 0;
        if (signal.aborted) await this.#connection.stopTaking();
        await this.#take(this.#connection);
      } catch (error) {
        if (this.#error === null) this.#deps.onError(error, `stream ${this.#spec.name} is interrupted`);
        this.#error = withCode(error);
      }
      await this.#connection?.close().catch(() => undefined);
      this.#connection = undefined;
      if (signal.aborted) return;
      this.#enter('connecting');
      await sleep(RECONNECT_MS[Math.min(attempt, RECONNECT_MS.length - 1)] ?? 0, signal).catch(() => undefined);
    }
  }

  async #take(connection: BrokerConnection): Promise<void> {
    for (;;) {
      const messages = await connection.next(this.#spec.maxInFlight);
      if (messages.length === 0) return;
      try {
        await this.#answer(connection, messages);
      } catch (error) {
        // The database does not answer: nothing is lost, all of them come again.
        this.#error = withCode(error);
        this.#deps.onError(error, `messages of stream ${this.#spec.name} wait`);
        for (const message of messages) message.retry(RETRY_MS);
        this.#count('retried', messages.length);
      }
    }
  }

  async #answer(connection: BrokerConnection, messages: readonly BrokerMessage[]): Promise<void> {
    const { db, store, predict, nowMs } = this.#deps;
    const { name } = this.#spec;
    const ids = messages.map(({ id }) => id);
    const seen = await store.seen(db, name, ids);
    const fresh = new Map<string, BrokerMessage>();
    const repeated: BrokerMessage[] = [];
    for (const message of messages) {
      if (seen.has(message.id) || fresh.has(message.id)) repeated.push(message);
      else fresh.set(message.id, message);
    }
    const settled: BrokerMessage[] = [];
    await Promise.all(
      [...fresh.values()].map(async (message) => {
        const outcome = await answerMessage(predict, this.#spec, message);
        if (await this.#deliver(connection, message, outcome)) settled.push(message);
      }),
    );
    const atMs = nowMs();
    await db.transact({ actor: systemActor }, async (tx) => {
      await store.remember(
        tx,
        name,
        settled.map(({ id }) => id),
        atMs,
      );
      if (atMs - this.#forgotAtMs < FORGET_EVERY_MS) return;
      this.#forgotAtMs = atMs;
      await store.forget(tx, name, atMs - REMEMBER_MS);
    });
    for (const message of settled) message.ack();
    // One whose twin in this turn could not be answered comes again with it.
    const answered = new Set([...seen, ...settled.map(({ id }) => id)]);
    for (const message of repeated) {
      if (answered.has(message.id)) message.ack();
      else message.retry(RETRY_MS);
    }
    this.#count('duplicates', repeated.length);
  }

  /** False when the message must be delivered again. */
  async #deliver(connection: BrokerConnection, message: BrokerMessage, outcome: Outcome): Promise<boolean> {
    if (outcome.kind === 'retry') {
      this.#error = `${outcome.code}: ${outcome.reason}`;
    } else if (await this.#publish(connection, message, outcome)) {
      return true;
    }
    message.retry(RETRY_MS * Math.min(30, message.deliveries));
    this.#count('retried', 1);
    return false;
  }

  /** False when the broker has stored neither the answer nor, in the end, the message among the dead letters. */
  async #publish(
    connection: BrokerConnection,
    message: BrokerMessage,
    outcome: Exclude<Outcome, { kind: 'retry' }>,
  ): Promise<boolean> {
    const { name, output, deadLetter, maxDeliveries } = this.#spec;
    try {
      if (outcome.kind === 'answer') {
        await connection.publish(output, outgoing(name, message, Buffer.from(outcome.text), {}));
        this.#count('answered', 1);
      } else {
        const facts = { 'Fairlead-Code': outcome.code, 'Fairlead-Reason': inHeader(outcome.reason) };
        await connection.publish(deadLetter, outgoing(name, message, message.data, facts));
        this.#count('deadLettered', 1);
      }
      return true;
    } catch (error) {
      this.#error = withCode(error);
      if (outcome.kind === 'dead' || message.deliveries < maxDeliveries) return false;
      // An answer that nobody takes, for example because it is too large, must not hold up what comes after it for ever.
      const code = isFairleadError(error) ? error.code : 'HTTP_INTERNAL';
      return this.#publish(connection, message, { kind: 'dead', code, reason: messageOf(error) });
    }
  }

  #enter(state: 'running' | 'connecting'): void {
    this.#state = state;
    this.#deps.metrics.running(this.#spec.name, state === 'running');
  }

  #count(what: Counted, messages: number): void {
    if (messages === 0) return;
    this.#counts[what] += messages;
    this.#deps.metrics.count(this.#spec.name, what, messages);
    if (what === 'answered') this.#error = null;
  }
}

/** The id under which NATS stores it once; the sender's own stands in `Fairlead-Id`. The key is that of the message. */
function outgoing(
  stream: string,
  { id, key }: BrokerMessage,
  data: Uint8Array | null,
  facts: Readonly<Record<string, string>>,
): OutgoingMessage {
  return { id: `${stream}:${id}`, key, data, headers: { 'Fairlead-Id': inHeader(id), ...facts } };
}

const withCode = (error: unknown) => (isFairleadError(error) ? `${error.code}: ${messageOf(error)}` : messageOf(error));

/** Headers are one line of plain characters. */
const inHeader = (text: string) => text.replace(/[^\x20-\x7e]/g, ' ').trim();
