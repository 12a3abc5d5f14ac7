import { isFairleadError } from '@fairlead/kernel';
import type { ChangeContext } from '../../../platform/db/index.js';
import { missingExperiment } from '../experiment-service.js';
import { inputProblem } from '../inputs/input-rules.js';
import type { LoggedModel, ModelMetric } from '../logged-model-types.js';
import { modelNameProblem } from '../models/model-rules.js';
import { loggedModelImported } from '../tracking-events.js';
import { keyProblem, LIMITS, pointProblem, textProblem } from '../tracking-rules.js';
import type { ImportDeps } from './import-deps.js';
import { compareTexts, PURGED_HERE, siftTexts } from './import-rules.js';
import type { ImportedLinks, ImportedLoggedModel, ImportedPlace, ImportMode, ImportVerdict } from './import-types.js';

/** A model that a run logged, under its own id. It stays active until it is settled: files come later. */
export async function importLoggedModel(
  { db, clock, experimentStore, modelStore: store, link, isPurged }: ImportDeps,
  context: ChangeContext,
  record: ImportedLoggedModel,
  { check }: ImportMode,
): Promise<ImportedPlace> {
  const { id } = record;
  const refusal = modelProblem(record);
  if (refusal !== null) return { id, artifactRoot: '', outcome: 'refused', problems: [refusal] };
  const params = siftTexts('param', record.params, LIMITS.paramValue);
  const tags = siftTexts('tag', record.tags, LIMITS.tagValue);
  const metrics = record.metrics.filter((metric) => metricProblem(metric) === null);
  const sifted = [
    ...params.problems,
    ...tags.problems,
    ...record.metrics.flatMap((metric) => metricProblem(metric) ?? []),
  ];
  return db.transact(context, async (tx) => {
    const here = await store.find(tx, id);
    if (here !== undefined) {
      const missing = metrics.filter((metric) => !here.metrics.some((one) => keyOf(one) === keyOf(metric)));
      const no = (await store.numbers(tx, [id])).get(id)?.no;
      if (!check && no !== undefined && missing.length > 0) {
        await store.insertMetrics(
          tx,
          missing.map((metric) => ({ ...metric, no })),
        );
      }
      const lacking = check ? missing.map(({ key }) => `metric ${JSON.stringify(key)} is not here`) : [];
      const problems = [...sifted, ...compareModel(record, here, check), ...lacking];
      return { id, artifactRoot: here.artifactRoot, outcome: 'found', problems };
    }
    if (await isPurged(tx, { kind: 'logged-model', id })) {
      return { id, artifactRoot: '', outcome: 'refused', problems: [PURGED_HERE] };
    }
    if (check) return { id, artifactRoot: '', outcome: 'absent', problems: [] };
    const experiment = (await experimentStore.byId(tx, record.experimentId)) ?? missingExperiment(record.experimentId);
    const nowMs = clock.nowMs();
    const { experimentId, name, modelType, sourceRunId, status } = record;
    const artifactRoot = `${experiment.artifactRoot}/models/${id}/artifacts`;
    const createdAtMs = record.createdAtMs ?? nowMs;
    const head = { id, experimentId, name, modelType, sourceRunId, status, lifecycle: 'active', artifactRoot } as const;
    const no = await store.insert(tx, { ...head, createdAtMs, updatedAtMs: record.updatedAtMs ?? createdAtMs });
    await store.insertParams(tx, no, params.texts);
    await store.upsertTags(tx, no, tags.texts);
    if (metrics.length > 0) {
      await store.insertMetrics(
        tx,
        metrics.map((metric) => ({ ...metric, no })),
      );
    }
    const node = { kind: 'logged-model', id };
    if (sourceRunId !== null) {
      await link(tx, [{ from: { kind: 'run', id: sourceRunId }, to: node, relation: 'output-of' }]);
    }
    tx.record(loggedModelImported.of(node, { experimentId, name, sourceRunId }));
    return { id, artifactRoot, outcome: 'made', problems: sifted };
  });
}

function modelProblem({ id, name, modelType }: ImportedLoggedModel): string | null {
  if (!/^m-[\w-]{1,64}$/.test(id)) return `${JSON.stringify(id.slice(0, 80))} cannot be the id of a logged model`;
  return modelNameProblem(name) ?? textProblem(modelType, LIMITS.key);
}

function metricProblem(metric: ModelMetric): string | null {
  const problem = keyProblem(metric.key) ?? pointProblem(metric);
  return problem === null ? null : `metric ${JSON.stringify(metric.key.slice(0, 80))}: ${problem}`;
}

const keyOf = ({ key, step, timestampMs, runId }: ModelMetric) => JSON.stringify([key, step, timestampMs, runId]);

function compareModel(record: ImportedLoggedModel, here: LoggedModel, check: boolean): string[] {
  const fields = (['experimentId', 'name', 'modelType', 'sourceRunId', 'status'] as const)
    .filter((field) => record[field] !== here[field])
    .map((field) => `${field} is ${JSON.stringify(here[field])} here and ${JSON.stringify(record[field])} there`);
  const params = compareTexts('param', record.params, here.params);
  const tags = compareTexts('tag', record.tags, here.tags);
  const lacking = [...Object.keys(params.fresh), ...Object.keys(tags.fresh)];
  const absent = check ? lacking.map((key) => `${JSON.stringify(key)} is not here`) : [];
  return [...fields, ...params.problems, ...tags.problems, ...absent];
}

/** What a run read and made. Models must be here; what is missing is told and the rest is kept. */
export async function importLinks(
  deps: ImportDeps,
  context: ChangeContext,
  record: ImportedLinks,
  { check }: ImportMode,
): Promise<ImportVerdict> {
  const { inputs, modelStore, db } = deps;
  const { runId } = record;
  const problems: string[] = [];
  const here = (await inputs.linksOf([runId])).get(runId);
  const ids = [...record.modelInputs, ...record.modelOutputs.map(({ modelId }) => modelId)];
  const models = await modelStore.numbers(db, ids);
  for (const id of ids) if (!models.has(id)) problems.push(`model ${JSON.stringify(id.slice(0, 80))} is not here`);
  const datasets = record.datasets.filter((input) => {
    const problem = inputProblem(input);
    if (problem !== null) problems.push(problem);
    const { name, digest } = input.dataset;
    const known = here?.datasets.find(({ dataset }) => dataset.name === name && dataset.digest === digest);
    if (known !== undefined) problems.push(...compareTexts(`tag of dataset ${name}:`, input.tags, known.tags).problems);
    return problem === null && known === undefined;
  });
  const isNew = (list: readonly { modelId: string }[] | undefined, id: string) =>
    models.has(id) && !list?.some(({ modelId }) => modelId === id);
  const modelIds = record.modelInputs.filter((id) => isNew(here?.modelInputs, id));
  const outputs = record.modelOutputs.filter(({ modelId }) => isNew(here?.modelOutputs, modelId));
  const missing = datasets.length + modelIds.length + outputs.length;
  if (missing === 0) return { id: runId, outcome: 'found', problems };
  if (check)
    return { id: runId, outcome: 'found', problems: [...problems, `${missing} inputs or outputs are not here`] };
  try {
    if (datasets.length + modelIds.length > 0) await inputs.logInputs(context, runId, { datasets, modelIds });
    if (outputs.length > 0) await inputs.logOutputs(context, runId, outputs);
  } catch (error) {
    if (!isFairleadError(error) || error.fault !== 'user') throw error;
    problems.push(error.message);
  }
  return { id: runId, outcome: 'made', problems };
}
