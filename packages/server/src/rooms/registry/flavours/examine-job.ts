import { isFairleadError, messageOf } from '@fairlead/kernel';
import type { Reader, Tx } from '../../../platform/db/index.js';
import type { JobOutcome, JobQueue, RunningJob } from '../../../platform/jobs/index.js';
import { subjectOf } from '../find-versions.js';
import type { RegistryDeps } from '../registry-deps.js';
import { versionExamined } from '../registry-events.js';
import type { StoredVersion } from '../registry-store.js';
import { packageForeignModel } from './package-foreign-model.js';

const EXAMINE_JOB = 'registry.examine-version';
const ATTEMPTS = 3;

export async function enqueueExamination(jobs: JobQueue, tx: Tx & Reader, versionId: string): Promise<void> {
  await jobs.enqueue(tx, {
    kind: EXAMINE_JOB,
    payload: { versionId },
    dedupeKey: versionId,
    maxAttempts: ATTEMPTS,
    timeoutMs: 300_000,
  });
}

/** Says who finds out in this process whether versions can be served. */
export function handleExaminations(deps: RegistryDeps): void {
  deps.jobs.handle(EXAMINE_JOB, (job) => examineStored(deps, job));
}

async function examineStored(deps: RegistryDeps, job: RunningJob): Promise<JobOutcome> {
  const { db, store, clock } = deps;
  const { versionId } = job.payload as { versionId: string };
  const version = await store.versionById(db, versionId);
  if (version === undefined || version.servable !== 'pending') return {};
  const found = await packageForeignModel(deps, version).catch((error: unknown) => {
    if (isFairleadError(error) && error.fault === 'user') return { problem: `${error.message} ${error.remedy}` };
    if (job.signal.aborted || job.attempt < ATTEMPTS) throw error;
    return { problem: `it could not be examined: ${messageOf(error)}` };
  });
  const change =
    'problem' in found
      ? { servable: 'no' as const, notServable: found.problem }
      : { servable: 'yes' as const, notServable: null, package: found.package };
  return {
    result: { servable: change.servable, notServable: change.notServable },
    commit: async (tx) => {
      await store.changeVersion(tx, versionId, { ...change, atMs: clock.nowMs() });
      tx.record(examined(version, 'problem' in found ? null : found.package.digest));
    },
  };
}

function examined(version: StoredVersion, digest: string | null) {
  const { model, version: number } = version;
  const servable = digest === null ? 'no' : 'yes';
  return versionExamined.of(subjectOf(version), { model, version: number, servable, digest });
}
