import { systemActor } from '@fairlead/kernel';
import { jobErrors } from './job-errors.js';
import { allRuns, endRun, extendLeases, lostRuns, ownRuns, type RunKey } from './job-lease.sql.js';
import type { QueueState } from './job-queue-state.js';
import { afterLoss, describeError } from './job-rules.js';

/** Keeps the table and the process in step: extends leases, notices lost ones, ends runs whose worker is gone. */
export interface JobKeeper {
  /** Extends the leases of this owner. */
  beat(): Promise<void>;
  /** Compares our runs with the table: aborts what was cancelled or taken over, requeues what has no handler here. */
  reconcile(): Promise<void>;
  /** Ends the runs of owners that are gone. */
  sweep(): Promise<void>;
  /** Ends every run there is: for an exclusive owner at its start. */
  voidAll(): Promise<void>;
}

export function createJobKeeper(state: QueueState): JobKeeper {
  const { db, settings, runs } = state;
  const { ownerId, leaseMs } = settings;

  const lose = async (lost: readonly RunKey[]): Promise<void> => {
    for (const run of lost) {
      await db.transact({ actor: systemActor }, async (tx) => {
        const error = describeError(jobErrors.JOB_WORKER_LOST('The worker disappeared during the run.'));
        const nowMs = await db.nowMs(tx);
        const verdict = await endRun(tx, run, { decide: afterLoss, error, nowMs });
        if (verdict !== undefined) {
          settings.logger?.warn({ jobId: run.id, fence: run.fence, next: verdict.next }, 'a job lost its worker');
        }
      });
      state.ended.ring();
      state.work.ring();
    }
  };

  return {
    beat: async () => {
      if (runs.size === 0) return;
      await db.transact({ actor: systemActor }, async (tx) =>
        extendLeases(tx, ownerId, (await db.nowMs(tx)) + leaseMs),
      );
    },
    reconcile: async () => {
      // The runs known before the read: one that ends or starts while we read is none of our business.
      const here = new Map(runs);
      const stored = new Map((await ownRuns(db, ownerId)).map((run) => [state.keyOf(run), run]));
      for (const [key, run] of here) {
        const row = stored.get(key);
        if (row?.cancelRequested) run.abort(jobErrors.JOB_CANCELLED('The job was cancelled.'));
        if (row === undefined && runs.has(key)) {
          run.abort(jobErrors.JOB_LEASE_LOST('The lease ran out and another worker took the job over.'));
        }
      }
      await lose([...stored].filter(([key]) => !here.has(key) && !runs.has(key)).map(([, run]) => run));
    },
    sweep: async () => lose(await lostRuns(db, { ownerId, nowMs: await db.nowMs(), leaseMs })),
    voidAll: async () => lose(await allRuns(db)),
  };
}
