import { type Clock, messageOf, type RecordedEvent, sleep, systemActor } from '@fairlead/kernel';
import type { Db, Reader, Tx } from './db-types.js';
import { type LedgerTables, readLedger } from './ledger.js';
import { rawQuery } from './raw-query.js';

/** Receives each event exactly once per consumer as far as the database goes: what it writes through `tx` commits together with the cursor. */
export interface EventConsumer {
  /** Stable name; its place in the ledger is stored under it. */
  readonly name: string;
  readonly types: readonly string[];
  /** Where a consumer begins that has no place yet: with the first event there is, or with the next one. */
  readonly from?: 'beginning' | 'now';
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

  const drainConsumer = async (consumer: EventConsumer): Promise<void> => {
    for (;;) {
      const afterSeq = (await readCursor(db, consumer.name)) ?? (await beginWith(db, consumer));
      const events = await readLedger(db, { afterSeq, limit: BATCH, types: consumer.types });
      if (events.length === 0) return;
      if (events.length > 1 && (await deliverTogether(consumer, events))) continue;
      for (const event of events) await deliver(consumer, event);
    }
  };

  const drain = async (): Promise<void> => {
    for (const consumer of consumers) {
      // A failing delivery is retried at the next round; the other consumers go on meanwhile.
      await drainConsumer(consumer).catch(() => undefined);
    }
  };

  return {
    add: (consumer) => consumers.push(consumer),
    drain,
    start: () => {
      loop = (async () => {
        while (!stopping.signal.aborted) {
          await drain();
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

async function readCursor(db: Reader, consumer: string): Promise<number | undefined> {
  const [row] = await rawQuery<{ seq: number }>(db, 'select seq from ledger_cursor where consumer = ?', [consumer]);
  return row?.seq;
}

/** The place of a consumer that has none; one that begins with the next event gets it written down at once. */
async function beginWith(db: Db, { name, from }: EventConsumer): Promise<number> {
  if (from !== 'now') return 0;
  return db.transact({ actor: systemActor }, async (tx) => {
    const last = await tx
      .sql<LedgerTables>()
      .selectFrom('ledger')
      .select('seq')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    await setCursor(tx, name, last?.seq ?? 0);
    return last?.seq ?? 0;
  });
}

const SET_CURSOR = `insert into ledger_cursor (consumer, seq) values (?, ?)
  on conflict (consumer) do update set seq = excluded.seq`;

async function setCursor(tx: Reader, consumer: string, seq: number): Promise<void> {
  await rawQuery(tx, SET_CURSOR, [consumer, seq]);
}

async function bury(
  db: Db,
  { consumer, seq, atMs, error }: { consumer: string; seq: number; atMs: number; error: string },
): Promise<void> {
  await db.transact({ actor: systemActor }, async (tx) => {
    await tx
      .sql<LedgerTables>()
      .insertInto('ledger_dead_letter')
      .values({ consumer, seq, at_ms: atMs, error })
      .onConflict((c) => c.columns(['consumer', 'seq']).doNothing())
      .execute();
    await setCursor(tx, consumer, seq);
  });
}
