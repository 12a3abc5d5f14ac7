import type { ChangeContext } from '../../../platform/db/index.js';
import { subjectOf } from '../find-versions.js';
import type { RegistryDeps } from '../registry-deps.js';
import { versionExamined } from '../registry-events.js';
import type { StoredVersion } from '../registry-store.js';
import { enqueueExamination } from './examine-job.js';
import { readContent } from './read-content.js';

/** Reads the files of a version again. A package that was found once stays: approvals are bound to its bytes. */
export async function examine(deps: RegistryDeps, context: ChangeContext, version: StoredVersion): Promise<void> {
  if (version.package !== null) return;
  const { db, store, clock, jobs } = deps;
  const { flavours, problem } = await readContent(deps.files, version.filesRoot);
  await db.transact(context, async (tx) => {
    const servable = problem === null ? 'pending' : 'no';
    await store.changeVersion(tx, version.id, { flavours, servable, notServable: problem, atMs: clock.nowMs() });
    if (problem === null) await enqueueExamination(jobs, tx, version.id);
    const payload = { model: version.model, version: version.version, servable, digest: null };
    tx.record(versionExamined.of(subjectOf(version), payload));
  });
}
