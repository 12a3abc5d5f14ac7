import { isFairleadError, newId } from '@fairlead/kernel';
import type { Reader, Tx } from '../../../platform/db/index.js';
import { enqueueExamination } from '../flavours/examine-job.js';
import { readContent } from '../flavours/read-content.js';
import type { RegistryDeps } from '../registry-deps.js';
import type { StoredVersion } from '../registry-store.js';
import { judged, linkOrigin } from './create-version.js';
import type { ImportedVersion } from './import-types.js';
import { type Place, resolveSource } from './resolve-source.js';
import { tagsProblem, textProblem } from './tag-rules.js';

/** A version with all that had to be looked up; or why it cannot be kept. */
export type PreparedVersion =
  | { readonly problem: string }
  | {
      readonly place: Place;
      readonly content: Pick<StoredVersion, 'flavours' | 'servable' | 'notServable' | 'package'>;
    };

export async function prepareVersion(deps: RegistryDeps, record: ImportedVersion): Promise<PreparedVersion> {
  const { source, runId, loggedModelId, lifecycle, description = '', link = '', tags = {} } = record;
  const problem = tagsProblem(tags) ?? textProblem('description', description) ?? textProblem('link', link);
  if (problem !== null) return { problem };
  if (lifecycle === 'deleted') {
    const place = { source: '', filesRoot: '', runId: null, loggedModelId: null, copied: null };
    return { place, content: { flavours: [], servable: 'no', notServable: 'it is deleted', package: null } };
  }
  try {
    const ids = { ...(runId !== null && { runId }), ...(loggedModelId !== null && { loggedModelId }) };
    const place = await resolveSource(deps, { source, ...ids });
    const content = place.copied ?? judged(await readContent(deps.files, place.filesRoot));
    const { flavours, servable, notServable } = content;
    return { place, content: { flavours, servable, notServable, package: content.package } };
  } catch (error) {
    if (isFairleadError(error) && error.fault === 'user') return { problem: error.message };
    throw error;
  }
}

export async function insertImported(
  deps: RegistryDeps,
  tx: Tx & Reader,
  request: {
    readonly record: ImportedVersion;
    readonly ready: Exclude<PreparedVersion, { problem: string }>;
    readonly modelId: string;
    readonly by: string;
  },
): Promise<void> {
  const { record, ready, modelId, by } = request;
  const { store, clock } = deps;
  const { version, stage, lifecycle } = record;
  const createdAtMs = record.createdAtMs ?? clock.nowMs();
  const updatedAtMs = record.updatedAtMs ?? createdAtMs;
  const { source, filesRoot, runId, loggedModelId } = ready.place;
  const id = newId(createdAtMs);
  await store.insertVersion(tx, {
    id,
    modelId,
    version,
    source,
    filesRoot,
    runId,
    loggedModelId,
    ...ready.content,
    description: record.description ?? '',
    link: record.link ?? '',
    tags: record.tags ?? {},
    retryKey: null,
    createdAtMs,
    createdBy: by,
  });
  const isDeleted = lifecycle === 'deleted';
  await store.changeVersion(tx, id, { stage, atMs: updatedAtMs, ...(isDeleted && { deletedAtMs: updatedAtMs }) });
  if (isDeleted) return;
  if (stage !== 'None') {
    await store.addStanding(tx, modelId, [{ what: 'stage', name: stage, version, atMs: updatedAtMs, by }]);
  }
  const stored = (await store.version(tx, modelId, version)) as StoredVersion;
  await linkOrigin(deps, tx, stored, ready.place);
  if (stored.servable === 'pending') await enqueueExamination(deps.jobs, tx, id);
}
