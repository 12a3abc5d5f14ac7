import type { Reader, Tx } from '../db/index.js';
import { jobCancelled, jobFailed } from './job-events.js';
import type { JobCounts, Verdict } from './job-rules.js';
import type { JobTables } from './job-table.sql.js';
import type { JobError, JobOutcome } from './job-types.js';

/** One run: the job and the fence that the claim gave it. Every write of a run names both. */
export interface RunKey {
  readonly id: string;
  readonly fence: number;
}

export async function extendLeases(tx: Reader, ownerId: string, leaseUntilMs: number): Promise<void> {
  await tx
    .sql<JobTables>()
    .updateTable('job')
    .set({ lease_until: leaseUntilMs })
    .where('state', '=', 'running')
    .where('owner', '=', ownerId)
    .execute();
}

/** The runs that the database believes `ownerId` to have. */
export async function ownRuns(reader: Reader, ownerId: string): Promise<(RunKey & { cancelRequested: boolean })[]> {
  const rows = await reader
    .sql<JobTables>()
    .selectFrom('job')
    .select(['id', 'fence', 'cancel_requested'])
    .where('state', '=', 'running')
    .where('owner', '=', ownerId)
    .execute();
  return rows.map((row) => ({ id: row.id, fence: row.fence, cancelRequested: row.cancel_requested === 1 }));
}

/** Every run there is; only for an owner that knows by its lock that all of them are dead. */
export async function allRuns(reader: Reader): Promise<RunKey[]> {
  return reader.sql<JobTables>().selectFrom('job').select(['id', 'fence']).where('state', '=', 'running').execute();
}

/**
 * The runs of other owners whose lease is over, or whose deadline passed a whole lease ago: a thread may go on beating
 * for a main thread that is stuck.
 */
export async function lostRuns(
  reader: Reader,
  { ownerId, nowMs, leaseMs }: { ownerId: string; nowMs: number; leaseMs: number },
): Promise<RunKey[]> {
  return reader
    .sql<JobTables>()
    .selectFrom('job')
    .select(['id', 'fence'])
    .where('state', '=', 'running')
    .where('owner', '!=', ownerId)
    .where((e) => e.or([e('lease_until', '<', nowMs), e('deadline', '<', nowMs - leaseMs)]))
    .execute();
}

/** Marks the run succeeded and runs its commit in the same transaction. False when the run is a zombie or was cancelled. */
export async function completeRun(
  tx: Tx & Reader,
  run: RunKey,
  { outcome, nowMs }: { outcome: JobOutcome; nowMs: number },
): Promise<boolean> {
  // First of all: from here on the row is locked, so nobody can take the job over while the commit runs.
  const done = await tx
    .sql<JobTables>()
    .updateTable('job')
    .set({
      state: 'succeeded',
      result: outcome.result === undefined ? null : JSON.stringify(outcome.result),
      error: null,
      progress_ratio: 1,
      owner: null,
      lease_until: null,
      finished_at: nowMs,
    })
    .where('id', '=', run.id)
    .where('fence', '=', run.fence)
    .where('state', '=', 'running')
    .where('cancel_requested', '=', 0)
    .returning('id')
    .executeTakeFirst();
  if (done === undefined) return false;
  await outcome.commit?.(tx);
  return true;
}

export interface Ending {
  readonly decide: (counts: JobCounts) => Verdict;
  /** Stored when the verdict is `queued` or `failed`; absent leaves the last one. */
  readonly error?: JobError;
  readonly nowMs: number;
}

/** Ends a run without success as `decide` says. Returns undefined, and changes nothing, when the run is a zombie. */
export async function endRun(tx: Tx & Reader, run: RunKey, ending: Ending): Promise<Verdict | undefined> {
  let query = tx
    .sql<JobTables>()
    .selectFrom('job')
    .select(['kind', 'failures', 'losses', 'max_attempts', 'cancel_requested'])
    .where('id', '=', run.id)
    .where('fence', '=', run.fence)
    .where('state', '=', 'running');
  if (tx.dialect === 'postgres') query = query.forUpdate();
  const row = await query.executeTakeFirst();
  if (row === undefined) return undefined;
  const verdict = ending.decide({
    failures: row.failures,
    losses: row.losses,
    maxAttempts: row.max_attempts,
    cancelRequested: row.cancel_requested === 1,
  });
  const { next, failures, losses } = verdict;
  const error = next === 'cancelled' ? undefined : ending.error;
  await tx
    .sql<JobTables>()
    .updateTable('job')
    .set({
      state: next,
      failures,
      losses,
      owner: null,
      lease_until: null,
      deadline: null,
      cancel_requested: 0,
      ...(error === undefined ? {} : { error: JSON.stringify(error) }),
      ...(next === 'queued' ? { run_at: ending.nowMs + verdict.delayMs } : { finished_at: ending.nowMs }),
    })
    .where('id', '=', run.id)
    .execute();
  const subject = { kind: 'job', id: run.id };
  if (next === 'cancelled') tx.record(jobCancelled.of(subject, { kind: row.kind, wasRunning: true }));
  if (next === 'failed' && error !== undefined) {
    tx.record(jobFailed.of(subject, { kind: row.kind, failures, losses, error }, { outcome: 'error' }));
  }
  return verdict;
}

export async function saveProgress(tx: Reader, run: RunKey, step: { ratio: number; message: string }): Promise<void> {
  await tx
    .sql<JobTables>()
    .updateTable('job')
    .set({ progress_ratio: step.ratio, progress_message: step.message })
    .where('id', '=', run.id)
    .where('fence', '=', run.fence)
    .where('state', '=', 'running')
    .execute();
}
