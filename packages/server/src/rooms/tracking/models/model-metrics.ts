import type { ChangeContext } from '../../../platform/db/index.js';
import { INPUT_LIMITS } from '../inputs/input-rules.js';
import type { ModelMetric } from '../logged-model-types.js';
import { trackingErrors } from '../tracking-errors.js';
import { keyProblem, pointProblem, textProblem } from '../tracking-rules.js';
import { type ModelDeps, missingModel } from './model-deps.js';
import { MODEL_LIMITS } from './model-rules.js';

type Metric = ModelMetric & { readonly modelId: string };

/** All of the metrics or none; a metric that is there already is kept once, so the same call may be sent again. */
export async function logModelMetrics(
  { db, store, existingRuns }: ModelDeps,
  context: ChangeContext,
  metrics: readonly Metric[],
): Promise<void> {
  if (metrics.length === 0) return;
  if (metrics.length > MODEL_LIMITS.metricsPerCall) {
    const observed = metrics.length;
    throw trackingErrors.TRK_BATCH_TOO_LARGE(`The batch has ${observed} metrics.`, { data: { observed } });
  }
  for (const metric of metrics) refuseMetric(metric);
  await db.transact(context, async (tx) => {
    const models = await store.numbers(tx, [...new Set(metrics.map(({ modelId }) => modelId))]);
    const runIds = [...new Set(metrics.map(({ runId }) => runId))];
    const runs = new Set(await existingRuns(tx, runIds));
    const unknown = runIds.find((id) => !runs.has(id));
    if (unknown !== undefined) {
      const shown = unknown.slice(0, 80);
      throw trackingErrors.TRK_RUN_NOT_FOUND(`There is no run ${JSON.stringify(shown)}.`, { data: { runId: shown } });
    }
    const rows = metrics.map(({ modelId, ...metric }) => {
      const model = models.get(modelId) ?? missingModel(modelId);
      if (model.deleted) {
        throw trackingErrors.TRK_MODEL_DELETED(`Logged model ${modelId} is deleted.`, { data: { modelId } });
      }
      return { ...metric, no: model.no };
    });
    await store.insertMetrics(tx, rows);
  });
}

function refuseMetric(metric: Metric): void {
  const keyed = keyProblem(metric.key);
  const shown = metric.key.slice(0, 80);
  if (keyed !== null) {
    throw trackingErrors.TRK_KEY_INVALID(`The metric name ${JSON.stringify(shown)} is not allowed: ${keyed}.`, {
      data: { what: 'metric', key: shown, problem: keyed },
    });
  }
  const problem =
    pointProblem(metric) ??
    textProblem(metric.datasetName ?? '', INPUT_LIMITS.name) ??
    textProblem(metric.datasetDigest ?? '', INPUT_LIMITS.digest);
  if (problem === null) return;
  throw trackingErrors.TRK_VALUE_INVALID(`The metric "${shown}" is not allowed: ${problem}.`, {
    data: { what: 'metric', key: shown, problem },
  });
}
