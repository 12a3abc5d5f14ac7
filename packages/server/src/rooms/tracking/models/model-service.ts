import { randomBytes } from 'node:crypto';
import type { ChangeContext, Reader } from '../../../platform/db/index.js';
import type { LoggedModel, LoggedModelService } from '../logged-model-types.js';
import { trackingErrors } from '../tracking-errors.js';
import { modelCreated, modelDeleted, modelUpdated } from '../tracking-events.js';
import { textProblem } from '../tracking-rules.js';
import { type ModelDeps, missingModel } from './model-deps.js';
import { MODEL_LIMITS, modelNameProblem, paramsProblem, tagsProblem } from './model-rules.js';
import type { ModelHead, ModelStore, NumberedModel } from './model-store.js';

/** Models that runs have written, before anybody registers them. */
export function createModelService(deps: ModelDeps): LoggedModelService {
  const { db, store } = deps;
  return {
    createLoggedModel: (context, request) => createModel(deps, context, request),
    loggedModel: async (id, options = { deleted: false }) => {
      const model = await store.find(db, id);
      return model === undefined || (model.lifecycle === 'deleted' && !options.deleted) ? missingModel(id) : model;
    },
    updateLoggedModel: (context, id, change) => updateModel(deps, context, { id, change }),
    deleteLoggedModel: (context, id) => deleteModel(deps, context, id),
    searchLoggedModels: async (request) => store.search(db.longReads, request),
  };
}

async function createModel(
  deps: ModelDeps,
  context: ChangeContext,
  request: Parameters<LoggedModelService['createLoggedModel']>[1],
): Promise<LoggedModel> {
  const id = `m-${randomBytes(16).toString('hex')}`;
  const { params = {}, tags = {}, modelType = '', sourceRunId } = request;
  const name = request.name ?? `model-${id.slice(-8)}`;
  refuse('name', modelNameProblem(name));
  refuse('type', textProblem(modelType, MODEL_LIMITS.modelType));
  refuse('parameters', paramsProblem(params));
  refuse('tags', tagsProblem(tags));
  const { db, clock, store, link } = deps;
  return db.transact(context, async (tx) => {
    const experiment = await deps.activeExperiment(tx, request.experimentId);
    if (sourceRunId !== undefined) await deps.activeRun(tx, sourceRunId);
    const nowMs = clock.nowMs();
    const head: ModelHead = {
      id,
      experimentId: experiment.id,
      name,
      modelType,
      sourceRunId: sourceRunId ?? null,
      status: 'pending',
      lifecycle: 'active',
      artifactRoot: `${experiment.artifactRoot}/models/${id}/artifacts`,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    const no = await store.insert(tx, head);
    await store.insertParams(tx, no, params);
    await store.upsertTags(tx, no, tags);
    const node = { kind: 'logged-model', id };
    if (sourceRunId !== undefined) {
      await link(tx, [{ from: { kind: 'run', id: sourceRunId }, to: node, relation: 'output-of' }]);
    }
    tx.record(modelCreated.of(node, { experimentId: head.experimentId, name, sourceRunId: head.sourceRunId }));
    return { ...head, params, tags, metrics: [] };
  });
}

async function updateModel(
  { db, clock, store }: ModelDeps,
  context: ChangeContext,
  { id, change }: { id: string; change: Parameters<LoggedModelService['updateLoggedModel']>[2] },
): Promise<LoggedModel> {
  const { status, tags = {}, params = {} } = change;
  refuse('tags', tagsProblem(tags));
  refuse('parameters', paramsProblem(params));
  return db.transact(context, async (tx) => {
    const model = await lockActive(store, tx, id);
    await writeTags(store, tx, { model, tags });
    await writeParams(store, tx, { model, params });
    await store.update(tx, model.no, { ...(status !== undefined && { status }), updatedAtMs: clock.nowMs() });
    const before = { status: model.status };
    const after = { status: status ?? model.status, tags, params };
    tx.record(modelUpdated.of({ kind: 'logged-model', id }, { status: after.status }, { before, after }));
    return (await store.find(tx, id)) ?? missingModel(id);
  });
}

async function writeTags(
  store: ModelStore,
  tx: Reader,
  { model, tags }: { model: NumberedModel; tags: Readonly<Record<string, string | null>> },
): Promise<void> {
  const entries = Object.entries(tags);
  const gone = entries.filter(([, value]) => value === null).map(([key]) => key);
  const removed = new Set(await store.removeTags(tx, model.no, gone));
  const missing = gone.find((key) => !removed.has(key));
  if (missing !== undefined) {
    throw trackingErrors.TRK_TAG_NOT_FOUND(`Logged model ${model.id} has no tag "${missing}".`, {
      data: { modelId: model.id, key: missing },
    });
  }
  const set = entries.filter((entry): entry is [string, string] => entry[1] !== null);
  await store.upsertTags(tx, model.no, Object.fromEntries(set));
}

async function writeParams(
  store: ModelStore,
  tx: Reader,
  { model, params }: { model: NumberedModel; params: Readonly<Record<string, string>> },
): Promise<void> {
  const entries = Object.entries(params);
  if (entries.length === 0) return;
  const known = await store.params(tx, model.no);
  for (const [key, value] of entries) {
    const before = known.get(key);
    if (before === undefined || before === value) continue;
    throw trackingErrors.TRK_PARAM_CONFLICT(`Logged model ${model.id} has ${key} = "${before}", not "${value}".`, {
      data: { modelId: model.id, key, stored: before, given: value },
    });
  }
  await store.insertParams(tx, model.no, Object.fromEntries(entries.filter(([key]) => !known.has(key))));
}

async function deleteModel({ db, clock, store }: ModelDeps, context: ChangeContext, id: string): Promise<void> {
  await db.transact(context, async (tx) => {
    const model = await lockActive(store, tx, id);
    await store.update(tx, model.no, { lifecycle: 'deleted', updatedAtMs: clock.nowMs() });
    const { experimentId, name } = model;
    tx.record(modelDeleted.of({ kind: 'logged-model', id }, { experimentId, name }));
  });
}

async function lockActive(store: ModelStore, tx: Reader, id: string): Promise<NumberedModel> {
  const model = await store.lock(tx, id);
  return model === undefined || model.lifecycle === 'deleted' ? missingModel(id) : model;
}

function refuse(what: string, problem: string | null): void {
  if (problem === null) return;
  throw trackingErrors.TRK_VALUE_INVALID(`The ${what} of the logged model: ${problem}.`, { data: { what, problem } });
}
