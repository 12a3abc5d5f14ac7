import { checkSearch, type Page } from '../../../platform/search/index.js';
import { findModel, findVersion, recordOf } from '../find-versions.js';
import { examineNow } from '../flavours/examine-job.js';
import { examine } from '../flavours/examine-version.js';
import { putIntoTree } from '../flavours/put-into-tree.js';
import type { RegistryDeps } from '../registry-deps.js';
import { registryErrors } from '../registry-errors.js';
import { versionBehind } from '../registry-rules.js';
import type { StoredModel, StoredVersion } from '../registry-store.js';
import type { ModelCatalogue, ModelRecord, Standing, VersionRecord } from './catalogue-types.js';
import { createModel, deleteModel, renameModel, updateModel } from './change-model.js';
import { deleteVersion, setStage, updateVersion } from './change-version.js';
import { createVersion } from './create-version.js';
import { STAGES, standingAt } from './standing-rules.js';

const MAX_MODELS_PER_PAGE = 1_000;
const MAX_VERSIONS_PER_PAGE = 200_000;

export function createCatalogue(deps: RegistryDeps): ModelCatalogue {
  const { db, store } = deps;
  const record = async (name: string) => (await toRecords(deps, [await findModel(store, db, name)]))[0] as ModelRecord;
  const versionRecord = async (model: string, ref: string | number) =>
    recordOf(await findVersion(store, db, model, ref));

  return {
    createModel: async (context, request) => {
      await createModel(deps, context, request);
      return record(request.name);
    },
    record,
    updateModel: async (context, name, change) => {
      await updateModel(deps, context, name, change);
      return record(name);
    },
    renameModel: async (context, name, newName) => {
      await renameModel(deps, context, name, newName);
      return record(newName);
    },
    deleteModel: (context, name) => deleteModel(deps, context, name),
    searchModels: async (request) => {
      checkSearch(request, { maxLimit: MAX_MODELS_PER_PAGE });
      const page = await store.searchModels(db.longReads, request);
      return { ...page, items: await toRecords(deps, page.items) };
    },
    versionsOfOwners: store.versionsOfOwners,
    createVersion: (context, request) => createVersion(deps, context, request),
    versionRecord,
    versionAtAlias: async (model, alias) => {
      if (alias.toLowerCase() === 'latest') return versionRecord(model, 'latest');
      const version = versionBehind((await findModel(store, db, model)).aliases, alias);
      if (version !== undefined) return versionRecord(model, version);
      throw registryErrors.REG_ALIAS_NOT_FOUND(`The model '${model}' has no alias '${alias}'.`, {
        data: { model, alias },
      });
    },
    readableRoot: async (model, ref) => putIntoTree(deps, await findVersion(store, db, model, ref)),
    updateVersion: async (context, model, version, change) => {
      await updateVersion(deps, context, model, version, change);
      return versionRecord(model, version);
    },
    deleteVersion: (context, model, version) => deleteVersion(deps, context, model, version),
    setStage: async (context, model, version, stage, options) => {
      await setStage(deps, context, model, version, { stage, ...options });
      return versionRecord(model, version);
    },
    history: async (model) => {
      const models = await modelsEver(deps, model);
      const ids = models.map(({ id }) => id);
      return (await store.history(db, ids)).map(({ modelId: _, ...standing }) => standing);
    },
    standingAt: (model, name, atMs) => findStanding(deps, model, { name, atMs }),
    latestByStage: async (model, stages = STAGES) => {
      const { id } = await findModel(store, db, model);
      const latest = await store.latestByStage(db, [id]);
      return latest.filter(({ stage }) => stages.includes(stage)).map(recordOf);
    },
    searchVersions: async (request): Promise<Page<VersionRecord>> => {
      checkSearch(request, { maxLimit: MAX_VERSIONS_PER_PAGE });
      const page = await store.searchVersions(db.longReads, request);
      return { ...page, items: page.items.map(recordOf) };
    },
    settle: async (context, model, version) => {
      await examineNow(deps, context, await findVersion(store, db, model, version));
      return versionRecord(model, version);
    },
    examine: async (context, model, version) => {
      await examine(deps, context, await findVersion(store, db, model, version));
      return versionRecord(model, version);
    },
  };
}

async function toRecords({ db, store }: RegistryDeps, models: readonly StoredModel[]): Promise<ModelRecord[]> {
  const latest = await store.latestByStage(
    db,
    models.map(({ id }) => id),
  );
  const latestOf = new Map<string, StoredVersion[]>();
  for (const version of latest) latestOf.set(version.modelId, [...(latestOf.get(version.modelId) ?? []), version]);
  return models.map(({ id, name, description, tags, aliases, createdAtMs, updatedAtMs, createdBy }) => {
    const versions = (latestOf.get(id) ?? []).map(recordOf);
    return { name, description, tags, aliases, latest: versions, createdAtMs, updatedAtMs, createdBy };
  });
}

/** Active and deleted models of a name: what they were is still asked for. */
async function modelsEver({ db, store }: RegistryDeps, name: string): Promise<StoredModel[]> {
  const models = await store.modelsEver(db, name);
  if (models.length > 0) return models;
  throw registryErrors.REG_MODEL_NOT_FOUND(`There is and was no model named '${name}'.`, { data: { name } });
}

async function findStanding(
  deps: RegistryDeps,
  model: string,
  { name, atMs }: { name: string; atMs: number },
): Promise<VersionRecord[]> {
  const { db, store } = deps;
  const then = (await modelsEver(deps, model)).filter(
    ({ createdAtMs, deletedAtMs }) => createdAtMs <= atMs && (deletedAtMs === null || deletedAtMs > atMs),
  );
  const history = await store.history(
    db,
    then.map(({ id }) => id),
  );
  const found: VersionRecord[] = [];
  for (const { id } of then) {
    const of = (standing: Standing & { modelId: string }) => standing.modelId === id;
    const versions = await store.versionsEver(db, id);
    const numbers = standingAt(name, atMs, { history: history.filter(of), versions });
    found.push(...versions.filter(({ version }) => numbers.includes(version)).map(recordOf));
  }
  return found;
}
