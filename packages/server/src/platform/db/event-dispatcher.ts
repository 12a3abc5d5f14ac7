import { type Clock, messageOf, type RecordedEvent, sleep, systemActor } from '@fairlead/kernel';
import type { Db, Reader, Tx } from './db-types.js';
import { bury, lastSeq, passCursors, readCursors, setCursor } from './event-cursors.js';
import { readLedger } from './ledger.js';

/** Receives each event exactly once per consumer as far as the database goes: what it writes through `tx` commits together with the cursor. */
export interface EventConsumer {
  /** Stable name; its place in the ledger is stored under it. */
  readonly name: string;
  readonly types: readonly string[];
  /** Where a consumer begins that has no place yet: with the first event there is, or with the next one. */
  readonly from?: 'beginning' | 'now';
  /**
   * Which of the events it would do anything about, asked once for many of them after they were read. Others are passed without
   * `handle`: most events concern nobody, and asking for each of them was what consumers cost.
   */
  interest?(reader: Reader): Promise<(event: RecordedEvent) => boolean>;
  handle(event: RecordedEvent, tx: Tx & Reader): Promise<void>;
}

export interface EventDispatcher {
  add(consumer: EventConsumer): void;
  /** Delivers everything that is waiting now, then resolves. */
  drain(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly pollMs?: number;
  readonly maxAttempts?: number;
  readonly onError?: (consumer: string, event: RecordedEvent, error: unknown) => void;
}

/** Events of one transaction: few, as writers wait for it. Each in its own cost a busy server an eighth of its time. */
const BATCH = 20;
/** Events that are read at once for all consumers that have come equally far. */
const PAGE = 200;

/**
 * Delivers ledger entries to consumers in order, each with its own durable cursor. A consumer that keeps failing on an
 * event gets it written to `ledger_dead_letter` after `maxAttempts` and moves on: one bad event must not stop the rest.
 */
export function createEventDispatcher(db: Db, options: DispatcherOptions): EventDispatcher {
  const { clock, pollMs = 250, maxAttempts = 5, onError } = options;
  const consumers: EventConsumer[] = [];
  const attempts = new Map<string, number>();
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  const deliver = async (consumer: EventConsumer, event: RecordedEvent): Promise<void> => {
    const key = `${consumer.name}:${event.seq}`;
    try {
      await db.transact({ actor: systemActor }, async (tx) => {
        await consumer.handle(event, tx);
        await setCursor(tx, consumer.name, event.seq);
      });
      attempts.delete(key);
    } catch (error) {
      const failures = (attempts.get(key) ?? 0) + 1;
      attempts.set(key, failures);
      onError?.(consumer.name, event, error);
      if (failures < maxAttempts) throw error;
      attempts.delete(key);
      await bury(db, { consumer: consumer.name, seq: event.seq, atMs: clock.nowMs(), error: messageOf(error) });
    }
  };

  /** All of them or none: whether they were delivered. */
  const deliverTogether = async (consumer: EventConsumer, events: readonly RecordedEvent[]): Promise<boolean> => {
    try {
      await db.transact({ actor: systemActor }, async (tx) => {
        for (const event of events) await consumer.handle(event, tx);
        await setCursor(tx, consumer.name, events.at(-1)?.seq as number);
      });
      return true;
    } catch {
      // One by one it shows which event it was, and that one is counted and reported.
      return false;
    }
  };

  const handOver = async (consumer: EventConsumer, events: readonly RecordedEvent[]): Promise<void> => {
    for (let start = 0; start < events.length; start += BATCH) {
      const batch = events.slice(start, start + BATCH);
      if (batch.length > 1 && (await deliverTogether(consumer, batch))) continue;
      for (const event of batch) await deliver(consumer, event);
    }
  };

  /**
   * Brings consumers with the same place towards `headSeq` by a page. Gives those that failed, and whether they are there and
   * none of them had anything to do.
   */
  const advance = async (equal: readonly EventConsumer[], fromSeq: number, headSeq: number) => {
    const types = equal.some((one) => one.types.length === 0) ? [] : equal.flatMap((one) => one.types);
    const read = await readLedger(db, { afterSeq: fromSeq, limit: PAGE, types });
    // An entry after `headSeq` is left to the next page: one of another type may have come before it meanwhile.
    const page = read.filter(({ seq }) => seq <= headSeq);
    const endSeq = read.length < PAGE ? headSeq : Math.min(headSeq, read.at(-1)?.seq ?? headSeq);
    const failed: EventConsumer[] = [];
    let handled = 0;
    for (const consumer of equal) {
      try {
        const ofType = page.filter(({ type }) => consumer.types.length === 0 || consumer.types.includes(type));
        const concerns = ofType.length === 0 ? undefined : await consumer.interest?.(db);
        const wanted = concerns === undefined ? ofType : ofType.filter(concerns);
        handled += wanted.length;
        await handOver(consumer, wanted);
      } catch {
        failed.push(consumer);
      }
    }
    const through = equal.filter((one) => !failed.includes(one)).map(({ name }) => name);
    if (through.length > 0) await passCursors(db, through, endSeq);
    return { failed, isIdle: handled === 0 && endSeq === headSeq };
  };

  /** Everything there is; `ofPoll`: not what came meanwhile, when nobody had anything to do with what was there. */
  const drainAll = async ({ ofPoll = false } = {}): Promise<void> => {
    // A failing delivery is retried at the next round; the other consumers go on meanwhile.
    const resting = new Set<EventConsumer>();
    for (;;) {
      const headSeq = await lastSeq(db);
      const places = await readCursors(db);
      const behind = new Map<number, EventConsumer[]>();
      for (const consumer of consumers) {
        const place = places.get(consumer.name) ?? (await beginWith(db, consumer));
        if (place < headSeq && !resting.has(consumer)) behind.set(place, [...(behind.get(place) ?? []), consumer]);
      }
      if (behind.size === 0) return;
      let isIdle = true;
      for (const [place, equal] of behind) {
        const advanced = await advance(equal, place, headSeq);
        for (const failed of advanced.failed) resting.add(failed);
        isIdle &&= advanced.isIdle;
      }
      // Otherwise a server that logs runs would look after each commit for what concerns hardly ever anybody.
      if (ofPoll && isIdle) return;
    }
  };

  // A database that does not answer is asked again at the next round.
  const drain = (options?: { ofPoll: boolean }) => drainAll(options).catch(() => undefined);

  return {
    add: (consumer) => consumers.push(consumer),
    drain: () => drain(),
    start: () => {
      loop = (async () => {
        while (!stopping.signal.aborted) {
          await drain({ ofPoll: true });
          await sleep(pollMs, stopping.signal).catch(() => undefined);
        }
      })();
    },
    stop: async () => {
      stopping.abort(new Error('stopping'));
      await loop;
    },
  };
}

/** The place of a consumer that has none; one that begins with the next event gets it written down at once. */
async function beginWith(db: Db, { name, from }: EventConsumer): Promise<number> {
  if (from !== 'now') return 0;
  return db.transact({ actor: systemActor }, async (tx) => {
    const last = await lastSeq(tx);
    await setCursor(tx, name, last);
    return last;
  });
}
