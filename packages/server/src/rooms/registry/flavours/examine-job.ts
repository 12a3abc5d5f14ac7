import { isFairleadError, messageOf } from '@fairlead/kernel';
import type { ChangeContext, Reader, Tx } from '../../../platform/db/index.js';
import type { JobOutcome, JobQueue, RunningJob } from '../../../platform/jobs/index.js';
import { subjectOf } from '../find-versions.js';
import type { RegistryDeps } from '../registry-deps.js';
import { versionExamined } from '../registry-events.js';
import type { StoredVersion } from '../registry-store.js';
import { packageForeignModel } from './package-foreign-model.js';
import type { Packaged } from './package-types.js';

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
  const { versionId } = job.payload as { versionId: string };
  const version = await deps.store.versionById(deps.db, versionId);
  if (version === undefined || version.servable !== 'pending') return {};
  const found = await findPackage(deps, version).catch((error: unknown) => {
    if (job.signal.aborted || job.attempt < ATTEMPTS) throw error;
    return { problem: `it could not be examined: ${messageOf(error)}` };
  });
  return {
    result: { servable: 'problem' in found ? 'no' : 'yes', notServable: 'problem' in found ? found.problem : null },
    commit: (tx) => keep(deps, tx, version, found),
  };
}

/** Examines a version at once: for whoever must not wait for a free worker. */
export async function examineNow(deps: RegistryDeps, context: ChangeContext, version: StoredVersion): Promise<void> {
  if (version.servable !== 'pending') return;
  const found = await findPackage(deps, version);
  await deps.db.transact(context, async (tx) => {
    const now = await deps.store.versionById(tx, version.id);
    if (now?.servable === 'pending') await keep(deps, tx, version, found);
  });
}

/** What is wrong with the files is an answer; what is wrong with the machine is thrown. */
function findPackage(deps: RegistryDeps, version: StoredVersion): Promise<Packaged> {
  return packageForeignModel(deps, version).catch((error: unknown) => {
    if (isFairleadError(error) && error.fault === 'user')
      return { problem: `${error.code}: ${error.message} ${error.remedy}` };
    throw error;
  });
}

async function keep({ store, clock }: RegistryDeps, tx: Tx & Reader, version: StoredVersion, found: Packaged) {
  const change =
    'problem' in found
      ? { servable: 'no' as const, notServable: found.problem }
      : { servable: 'yes' as const, notServable: null, package: found.package };
  await store.changeVersion(tx, version.id, { ...change, atMs: clock.nowMs() });
  tx.record(examined(version, 'problem' in found ? null : found.package.digest));
}

function examined(version: StoredVersion, digest: string | null) {
  const { model, version: number } = version;
  const servable = digest === null ? 'no' : 'yes';
  return versionExamined.of(subjectOf(version), { model, version: number, servable, digest });
}
