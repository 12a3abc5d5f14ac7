import { systemActor, systemClock } from '@fairlead/kernel';
import { type Db, type LedgerTables, type Reader, type RoomMigrations, readLedger, type Tx } from '../db/index.js';
import { createJobQueue } from './job-queue.js';
import type { JobHandler, JobQueue, JobQueueOptions, NewJob } from './job-types.js';

interface EffectTables extends LedgerTables {
  effect: { job_id: string; worker: string };
}

/** A table without any key, so that an effect that happened twice shows as two rows. */
export const effectMigrations: RoomMigrations = {
  room: 'effects',
  migrations: [
    {
      id: '001-effects',
      up: (db) =>
        db.schema
          .createTable('effect')
          .addColumn('job_id', 'text', (c) => c.notNull())
          .addColumn('worker', 'text', (c) => c.notNull())
          .execute(),
    },
  ],
};

export const effectOf = (worker: string, jobId: string) => async (tx: Tx & Reader) => {
  await tx.sql<EffectTables>().insertInto('effect').values({ job_id: jobId, worker }).execute();
};

export const readEffects = (db: Db) =>
  db.sql<EffectTables>().selectFrom('effect').selectAll().orderBy('job_id').orderBy('worker').execute();

/** A handler whose only trace is one row in `effect`. */
export const leaveEffect =
  (worker: string): JobHandler =>
  async (job) => ({ commit: effectOf(worker, job.id) });

/** Short times, so that tests wait for events and not for defaults. */
export function quickQueue(db: Db, ownerId: string, options: Partial<JobQueueOptions> = {}): JobQueue {
  return createJobQueue(db, {
    clock: systemClock,
    ownerId,
    exclusive: false,
    leaseMs: 20_000,
    heartbeatMs: 200,
    sweepMs: 50,
    pollMs: 20,
    retryDelayMs: 5,
    abortGraceMs: 60_000,
    ...options,
  });
}

export const enqueue = (db: Db, queue: JobQueue, job: NewJob) =>
  db.transact({ actor: systemActor }, (tx) => queue.enqueue(tx, job));

export const cancel = (db: Db, queue: JobQueue, id: string) =>
  db.transact({ actor: systemActor }, (tx) => queue.cancel(tx, id));

/** The types of the job's own events, oldest first. */
export async function eventsOf(db: Db, jobId: string): Promise<string[]> {
  const events = await readLedger(db, { afterSeq: 0, limit: 10_000 });
  return events.filter((event) => event.subject.id === jobId).map((event) => event.type);
}

/** A promise and the means to settle it, for handlers that a test holds back. */
export function latch<T = void>(): { readonly opened: Promise<T>; open(value: T): void } {
  let open: (value: T) => void = () => undefined;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open: (value) => open(value) };
}
