import { type FairleadError, isFairleadError, messageOf, sleep, systemActor } from '@fairlead/kernel';
import type { Db, Reader, Tx } from '../db/index.js';
import type { Claimed } from './job-claim.sql.js';
import { jobErrors } from './job-errors.js';
import { completeRun, type Ending, endRun } from './job-lease.sql.js';
import { createProgressWriter } from './job-progress.js';
import { afterFailure, afterRelease, describeError } from './job-rules.js';
import type { JobHandler, JobLogger, JobOutcome, RunningJob } from './job-types.js';

// setTimeout takes 31 bits; a longer limit than 24 days is checked by the sweep alone.
const MAX_TIMER_MS = 2 ** 31 - 1;
const WRITE_TRIES = 5;

export interface RunDeps {
  readonly db: Db;
  readonly retryDelayMs: number;
  readonly abortGraceMs: number;
  readonly logger: JobLogger | undefined;
}

/** A run in this process. */
export interface Run {
  readonly claimed: Claimed;
  abort(reason: FairleadError): void;
  /** Resolves when the database knows how it ended, or when somebody else will have to find out. Never rejects. */
  readonly ended: Promise<void>;
}

type Result = { readonly outcome: JobOutcome } | { readonly error: unknown };

/** Starts the handler and writes how it ended. */
export function startRun(deps: RunDeps, claimed: Claimed, handler: JobHandler): Run {
  const controller = new AbortController();
  const { id, kind, payload, attempt, fence, timeoutMs, scheduledForMs } = claimed;
  const progress = createProgressWriter(deps.db, claimed);
  const job: RunningJob = {
    id,
    kind,
    payload,
    attempt,
    fence,
    signal: controller.signal,
    progress: progress.report,
    ...(scheduledForMs === undefined ? {} : { scheduledForMs }),
  };
  const timeOut = () => controller.abort(jobErrors.JOB_TIMED_OUT(`The run took longer than ${timeoutMs} ms.`));
  const timer = timeoutMs === undefined ? undefined : setTimeout(timeOut, Math.min(timeoutMs, MAX_TIMER_MS));
  const run = async (): Promise<void> => {
    const result = await resultOf(handler, job, deps.abortGraceMs);
    clearTimeout(timer);
    await progress.close();
    await write(deps, claimed, { result, reason: controller.signal.reason });
  };
  return {
    claimed,
    abort: (reason) => controller.abort(reason),
    ended: run().catch((error) => {
      // The row stays ours and running; the next look at our own runs finds it without a handler and requeues it.
      deps.logger?.warn({ jobId: id, kind, error: messageOf(error) }, 'the end of a job could not be stored');
    }),
  };
}

/** What the handler gave; a handler that ignores its aborted signal is given up after `graceMs`. */
async function resultOf(handler: JobHandler, job: RunningJob, graceMs: number): Promise<Result> {
  const settled = new AbortController();
  const work = (async () => handler(job))().then(
    (outcome): Result => ({ outcome }),
    (error: unknown): Result => ({ error }),
  );
  const givenUp = new Promise<Result>((resolve) => {
    const onAbort = () => {
      sleep(graceMs, settled.signal).then(
        () => resolve({ error: job.signal.reason }),
        () => undefined,
      );
    };
    job.signal.addEventListener('abort', onAbort, { once: true });
  });
  const result = await Promise.race([work, givenUp]);
  settled.abort();
  return result;
}

async function write(
  deps: RunDeps,
  claimed: Claimed,
  { result, reason }: { result: Result; reason: unknown },
): Promise<void> {
  if ('outcome' in result) {
    const { outcome } = result;
    try {
      const done = await persist(deps, async (tx) =>
        completeRun(tx, claimed, { outcome, nowMs: await deps.db.nowMs(tx) }),
      );
      // Not done: either cancelled meanwhile, which the release below writes, or a zombie, for which it changes nothing.
      if (!done) await end(deps, claimed, { decide: afterRelease });
    } catch (error) {
      await fail(deps, claimed, error);
    }
    return;
  }
  const code = isFairleadError(reason) ? reason.code : undefined;
  if (code === 'JOB_LEASE_LOST') return;
  if (code === 'JOB_SHUTDOWN') return end(deps, claimed, { decide: afterRelease });
  await fail(deps, claimed, code === 'JOB_TIMED_OUT' ? reason : result.error);
}

function fail(deps: RunDeps, claimed: Claimed, thrown: unknown): Promise<void> {
  const error = describeError(thrown);
  return end(deps, claimed, { decide: (counts) => afterFailure(counts, error, deps.retryDelayMs), error });
}

async function end(deps: RunDeps, claimed: Claimed, ending: Omit<Ending, 'nowMs'>): Promise<void> {
  const verdict = await persist(deps, async (tx) => endRun(tx, claimed, { ...ending, nowMs: await deps.db.nowMs(tx) }));
  if (ending.error === undefined || verdict === undefined) return;
  const facts = { jobId: claimed.id, kind: claimed.kind, fence: claimed.fence, next: verdict.next };
  deps.logger?.warn({ ...facts, ...ending.error }, 'a job run failed');
}

/**
 * Writes in a transaction, and again when the database fails meanwhile: hours of work must not be lost to its restart.
 * Coded errors are answers, not faults of the database, and pass through.
 */
async function persist<T>({ db, retryDelayMs }: RunDeps, work: (tx: Tx & Reader) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await db.transact({ actor: systemActor }, work);
    } catch (error) {
      if (isFairleadError(error) || tries === WRITE_TRIES) throw error;
      await sleep(retryDelayMs * 2 ** (tries - 1));
    }
  }
}
