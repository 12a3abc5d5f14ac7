import type { Reader, Tx } from '../../platform/db/index.js';
import { ADVANCE_EVERY_MS, ADVANCE_JOB, type ReleaseDeps, TIDY_JOB } from './release-deps.js';

/** The next look at the guardrails. `after` names the look before, whose job has not ended yet: keys must differ. */
export async function scheduleAdvance(
  { jobs, db, advanceEveryMs = ADVANCE_EVERY_MS }: Pick<ReleaseDeps, 'jobs' | 'db' | 'advanceEveryMs'>,
  tx: Tx & Reader,
  { releaseId, after }: { releaseId: string; after: string },
): Promise<void> {
  await jobs.enqueue(tx, {
    kind: ADVANCE_JOB,
    payload: { releaseId },
    dedupeKey: `${releaseId}/${after}`,
    // Due times are the database's, whatever the process's clock says.
    runAtMs: (await db.nowMs(tx)) + advanceEveryMs,
  });
}

/** Retires what an endpoint no longer needs, once the change that made it so has been committed, or at a later moment. */
export async function scheduleTidy(
  { jobs }: Pick<ReleaseDeps, 'jobs'>,
  tx: Tx & Reader,
  endpoint: string,
  runAtMs?: number,
): Promise<void> {
  const payload = { endpoint };
  if (runAtMs === undefined) await jobs.enqueue(tx, { kind: TIDY_JOB, payload, dedupeKey: endpoint });
  // Another key: the job that asks for it has not ended yet, and those that come before may not wait for it.
  else await jobs.enqueue(tx, { kind: TIDY_JOB, payload, dedupeKey: `${endpoint}/${runAtMs}`, runAtMs });
}
