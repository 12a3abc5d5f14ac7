import { newId } from '@fairlead/kernel';
import type { ChangeContext, Reader, Tx } from '../../../platform/db/index.js';
import { findModel, recordOf, subjectOf } from '../find-versions.js';
import { enqueueExamination } from '../flavours/examine-job.js';
import { type ModelContent, readContent } from '../flavours/read-content.js';
import type { RegistryDeps } from '../registry-deps.js';
import { versionRegistered } from '../registry-events.js';
import type { NewStoredVersion, StoredVersion } from '../registry-store.js';
import type { NewVersionRecord, VersionRecord } from './catalogue-types.js';
import { checkTexts } from './change-model.js';
import { type Place, resolveSource } from './resolve-source.js';

/** Registers a version of any flavour. What its files are is read at once; whether they can be served, by a job. */
export async function createVersion(
  deps: RegistryDeps,
  context: ChangeContext,
  request: NewVersionRecord,
): Promise<VersionRecord> {
  const { db, store, clock } = deps;
  checkTexts(request);
  await findModel(store, db, request.model);
  const place = await resolveSource(deps, request);
  const content = place.copied ?? judged(await readContent(deps.files, place.filesRoot));
  return db.transact(context, async (tx) => {
    const { id: modelId } = await findModel(store, tx, request.model);
    const atMs = clock.nowMs();
    // Locks the model, so that a request and its retry see each other.
    await store.changeModel(tx, modelId, { atMs });
    const { retryKey = null } = request;
    const again = retryKey === null ? undefined : await store.versionOfRetry(tx, modelId, retryKey);
    if (again !== undefined) return recordOf(again);
    const number = await store.takeVersionNumber(tx, modelId, atMs);
    const version: NewStoredVersion = {
      id: newId(atMs),
      modelId,
      version: number,
      source: place.source,
      filesRoot: place.filesRoot,
      runId: place.runId,
      loggedModelId: place.loggedModelId,
      flavours: content.flavours,
      servable: content.servable,
      notServable: content.notServable,
      package: content.package,
      description: request.description ?? '',
      link: request.link ?? '',
      tags: request.tags ?? {},
      retryKey,
      createdAtMs: atMs,
      createdBy: context.actor.id,
    };
    await store.insertVersion(tx, version);
    const stored = (await store.version(tx, modelId, number)) as StoredVersion;
    await linkOrigin(deps, tx, stored, place);
    if (stored.servable === 'pending') await enqueueExamination(deps.jobs, tx, stored.id);
    tx.record(registered(stored));
    return recordOf(stored);
  });
}

export function judged(
  content: ModelContent,
): Pick<StoredVersion, 'flavours' | 'servable' | 'notServable' | 'package'> {
  const { flavours, problem } = content;
  return { flavours, servable: problem === null ? 'pending' : 'no', notServable: problem, package: null };
}

/** Lineage: the run that made it, the logged model it stands for, the version it is a copy of. */
export async function linkOrigin({ tracking }: RegistryDeps, tx: Tx & Reader, version: StoredVersion, place: Place) {
  const to = subjectOf(version);
  const { runId, loggedModelId, copied } = place;
  await tracking.link(tx, [
    ...(runId === null ? [] : [{ from: { kind: 'run', id: runId }, to, relation: 'produced-by' }]),
    ...(loggedModelId === null
      ? []
      : [{ from: { kind: 'logged-model', id: loggedModelId }, to, relation: 'registered-as' }]),
    ...(copied === null ? [] : [{ from: subjectOf(copied), to, relation: 'copied-to' }]),
  ]);
}

function registered(stored: StoredVersion) {
  const { model, version, package: content, runId } = stored;
  return versionRegistered.of(
    subjectOf(stored),
    {
      model,
      version,
      digest: content?.digest ?? null,
      splitId: content?.source.splitId ?? null,
      datasetVersionId: content?.source.datasetVersionId ?? null,
      trackingRunId: runId,
      pipelineRunId: content?.source.pipelineRunId ?? null,
    },
    { after: recordOf(stored) },
  );
}
