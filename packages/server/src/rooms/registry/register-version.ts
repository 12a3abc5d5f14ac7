import { isName, newId } from '@fairlead/kernel';
import type { ChangeContext, Reader, Tx } from '../../platform/db/index.js';
import { nextModel } from './catalogue/change-model.js';
import { packageOf, subjectOf } from './find-versions.js';
import type { RegistryDeps } from './registry-deps.js';
import { registryErrors } from './registry-errors.js';
import { versionRegistered } from './registry-events.js';
import type { NewStoredVersion, StoredModel } from './registry-store.js';
import type { ModelVersion, NewModelVersion } from './registry-types.js';

/** Registers a packaged model; the model is made on first use. The same bytes from the same run are one version. */
export async function registerVersion(
  deps: RegistryDeps,
  context: ChangeContext,
  request: NewModelVersion,
): Promise<ModelVersion> {
  if (!isName(request.model)) throw registryErrors.REG_NAME_INVALID(`'${request.model}' cannot be a model's name.`);
  for (const file of request.files) {
    if (await deps.objects.has(file.digest)) continue;
    throw registryErrors.REG_FILE_MISSING(`${file.path} (${file.digest}) is not stored.`, { data: { ...file } });
  }
  const { db, store, clock, tracking } = deps;
  const { trackingRunId, splitId, datasetVersionId, pipelineRunId } = request.source;
  return db.transact(context, async (tx) => {
    const atMs = clock.nowMs();
    const { id: modelId } = await ensureModel(deps, tx, { name: request.model, atMs, by: context.actor.id });
    // Locks the model, so that two that register the same bytes see each other.
    await store.changeModel(tx, modelId, { atMs });
    const same = await store.sameVersion(tx, { modelId, digest: request.digest, trackingRunId });
    const found = same && packageOf(same);
    if (found) return found;
    const number = await store.takeVersionNumber(tx, modelId, atMs);
    const stored = storedOf(request, { modelId, number, atMs, by: context.actor.id });
    await store.insertVersion(tx, stored);
    const { tags = {} } = request;
    const version: ModelVersion = { ...request, version: number, tags, createdAtMs: atMs, createdBy: context.actor.id };
    const node = subjectOf(version);
    const edge = (kind: string, id: string | null, relation: string) =>
      id === null ? [] : [{ from: { kind, id }, to: node, relation }];
    await tracking.link(tx, [...edge('split', splitId, 'trained-on'), ...edge('run', trackingRunId, 'produced-by')]);
    tx.record(
      versionRegistered.of(
        node,
        {
          model: version.model,
          version: number,
          digest: version.digest,
          splitId,
          datasetVersionId,
          trackingRunId,
          pipelineRunId,
        },
        { after: version },
      ),
    );
    return version;
  });
}

async function ensureModel(
  deps: RegistryDeps,
  tx: Tx & Reader,
  { name, atMs, by }: { name: string; atMs: number; by: string },
): Promise<StoredModel> {
  const { store } = deps;
  const there = await store.model(tx, name);
  if (there !== undefined) return there;
  await store.insertModel(tx, { ...(await nextModel(store, tx, { name })), atMs, by });
  const made = await store.model(tx, name);
  if (made !== undefined) return made;
  const other = await store.nameOfSameKey(tx, name);
  throw registryErrors.REG_MODEL_EXISTS(`'${name}' cannot be told from the model '${other}'.`, {
    data: { name, existing: other },
  });
}

function storedOf(
  request: NewModelVersion,
  { modelId, number, atMs, by }: { modelId: string; number: number; atMs: number; by: string },
): NewStoredVersion {
  const { digest, files, signature, parity, source, reportDigest, profileDigest, tags = {} } = request;
  const id = newId(atMs);
  const root = packageRoot(id);
  return {
    id,
    modelId,
    version: number,
    source: root,
    filesRoot: root,
    runId: source.trackingRunId,
    loggedModelId: null,
    flavours: ['onnx'],
    description: '',
    link: '',
    tags,
    servable: 'yes',
    notServable: null,
    package: { digest, files, signature, parity, source, reportDigest, profileDigest },
    retryKey: null,
    createdAtMs: atMs,
    createdBy: by,
  };
}

/** Where the files of a version that was packaged here can be read in the tree of files. */
function packageRoot(versionId: string): string {
  return `artifacts:/registry/${versionId}`;
}
