import { newId } from '@fairlead/kernel';
import type { Reader, Tx } from '../db/index.js';
import { jobCancelled } from './job-events.js';
import { type JobRow, type JobTables, toJobView } from './job-table.sql.js';
import type { CancelAnswer, JobFilter, JobView, NewJob } from './job-types.js';

// Two statements that race with another transaction settle at the second look; three leaves one to spare.
const LOOKS = 3;
const MAX_PAGE = 1000;

/** Inserts a job, or finds the active one with its dedupe key. `nowMs` is the database's time, `idTimeMs` only sorts ids. */
export async function insertJob(
  tx: Reader,
  job: NewJob,
  { nowMs, idTimeMs }: { nowMs: number; idTimeMs: number },
): Promise<string> {
  const row = newRow(job, nowMs, newId(idTimeMs));
  for (let look = 0; look < LOOKS; look += 1) {
    const inserted = await tx
      .sql<JobTables>()
      .insertInto('job')
      .values(row)
      .onConflict((c) => c.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (inserted !== undefined) return inserted.id;
    const active = await tx
      .sql<JobTables>()
      .selectFrom('job')
      .select('id')
      .where('kind', '=', job.kind)
      .where('dedupe_key', '=', job.dedupeKey ?? null)
      .where('state', 'in', ['queued', 'running'])
      .executeTakeFirst();
    if (active !== undefined) return active.id;
  }
  throw new Error(`job ${job.kind} with dedupe key ${job.dedupeKey} keeps ending while it is enqueued`);
}

function newRow(job: NewJob, nowMs: number, id: string): JobRow {
  return {
    id,
    kind: job.kind,
    payload: JSON.stringify(job.payload),
    state: 'queued',
    dedupe_key: job.dedupeKey ?? null,
    limit_key: job.limitKey ?? null,
    priority: job.priority ?? 0,
    run_at: job.runAtMs ?? nowMs,
    scheduled_for: job.scheduledForMs ?? null,
    max_attempts: job.maxAttempts ?? 3,
    timeout_ms: job.timeoutMs ?? null,
    failures: 0,
    losses: 0,
    fence: 0,
    owner: null,
    lease_until: null,
    deadline: null,
    cancel_requested: 0,
    progress_ratio: 0,
    progress_message: '',
    result: null,
    error: null,
    created_at: nowMs,
    started_at: null,
    finished_at: null,
  };
}

/** Cancels a queued job, or marks a running one for its worker to see. */
export async function cancelJob(tx: Tx & Reader, id: string, nowMs: number): Promise<CancelAnswer> {
  for (let look = 0; look < LOOKS; look += 1) {
    const queued = await tx
      .sql<JobTables>()
      .updateTable('job')
      .set({ state: 'cancelled', finished_at: nowMs, cancel_requested: 0 })
      .where('id', '=', id)
      .where('state', '=', 'queued')
      .returning('kind')
      .executeTakeFirst();
    if (queued !== undefined) {
      tx.record(jobCancelled.of({ kind: 'job', id }, { kind: queued.kind, wasRunning: false }));
      return 'cancelled';
    }
    const running = await tx
      .sql<JobTables>()
      .updateTable('job')
      .set({ cancel_requested: 1 })
      .where('id', '=', id)
      .where('state', '=', 'running')
      .returning('id')
      .executeTakeFirst();
    if (running !== undefined) return 'cancelling';
    const view = await findJob(tx, id);
    if (view === undefined) return 'unknown';
    if (view.state !== 'queued') return 'finished';
  }
  throw new Error(`job ${id} keeps changing hands while it is cancelled`);
}

export async function findJob(reader: Reader, id: string): Promise<JobView | undefined> {
  const row = await reader.sql<JobTables>().selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toJobView(row);
}

/** Newest first. */
export async function listJobs(reader: Reader, { kind, state, limit, afterId }: JobFilter): Promise<JobView[]> {
  let query = reader.sql<JobTables>().selectFrom('job').selectAll();
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (state !== undefined) query = query.where('state', '=', state);
  if (afterId !== undefined) query = query.where('id', '<', afterId);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(Math.min(MAX_PAGE, limit ?? 100))
    .execute();
  return rows.map(toJobView);
}
