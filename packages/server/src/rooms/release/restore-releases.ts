import type { ChangeContext } from '../../platform/db/index.js';
import type { JobView } from '../../platform/jobs/index.js';
import { ADVANCE_JOB, type ReleaseDeps, TEST_JOB } from './release-deps.js';
import { scheduleAdvance, scheduleTidy } from './release-jobs.js';
import { failRelease } from './test-job.js';

/**
 * Takes up what a former process left. Routing and release change in one transaction, so they never disagree; what can be
 * missing is somebody who goes on: the watch of a rollout, or the gates of a release whose job was given up.
 */
export async function restoreReleases(deps: ReleaseDeps, context: ChangeContext): Promise<void> {
  const { db, store, jobs } = deps;
  const open = await store.releases(db, { states: ['testing', 'rolling-out'], limit: 1_000 });
  const [watched, tested] = [await waiting(jobs, ADVANCE_JOB), await waiting(jobs, TEST_JOB)];
  for (const release of open) {
    if (release.state === 'rolling-out' && !watched.has(release.id)) {
      await db.transact(context, (tx) => scheduleAdvance(deps, tx, { releaseId: release.id, after: 'restart' }));
    }
    if (release.state === 'testing' && !tested.has(release.id)) {
      const reason = 'the gates were given up: their job failed or was cancelled';
      await db.transact(context, (tx) => failRelease(deps, tx, { release, reason }));
    }
  }
  const endpoints = new Set((await store.policies(db)).map((policy) => policy.endpoint));
  for (const endpoint of endpoints) await db.transact(context, (tx) => scheduleTidy(deps, tx, endpoint));
}

/** Releases that a queued or running job of this kind is about. */
async function waiting(jobs: ReleaseDeps['jobs'], kind: string): Promise<Set<string>> {
  const found: JobView[] = [];
  for (const state of ['queued', 'running'] as const) found.push(...(await jobs.list({ kind, state, limit: 1_000 })));
  return new Set(found.map((job) => (job.payload as { releaseId: string }).releaseId));
}
