import type { Reader, Tx } from '../../../platform/db/index.js';
import { INPUT_LIMITS } from '../inputs/input-rules.js';
import type { RunBatch } from '../run-types.js';
import { trackingErrors } from '../tracking-errors.js';
import { keyProblem, pointProblem, textProblem } from '../tracking-rules.js';
import { missingModel } from './model-deps.js';
import { MODEL_LIMITS } from './model-rules.js';
import type { ModelStore } from './model-store.js';

export type ModelMetrics = NonNullable<RunBatch['modelMetrics']>;

/** Refuses what cannot be stored as it is. Throws TRK_BATCH_TOO_LARGE, TRK_KEY_INVALID, TRK_VALUE_INVALID. */
export function parseModelMetrics(metrics: ModelMetrics): ModelMetrics {
  if (metrics.length > MODEL_LIMITS.metricsPerCall) {
    const observed = metrics.length;
    throw trackingErrors.TRK_BATCH_TOO_LARGE(`The batch has ${observed} metrics.`, { data: { observed } });
  }
  for (const metric of metrics) refuseMetric(metric);
  return metrics;
}

/** A metric that is there already is kept once. Throws TRK_MODEL_NOT_FOUND, TRK_MODEL_DELETED. */
export async function writeModelMetrics(
  store: ModelStore,
  tx: Tx & Reader,
  { runId, metrics }: { runId: string; metrics: ModelMetrics },
): Promise<void> {
  if (metrics.length === 0) return;
  const models = await store.numbers(tx, [...new Set(metrics.map(({ modelId }) => modelId))]);
  const rows = metrics.map(({ modelId, ...metric }) => {
    const model = models.get(modelId) ?? missingModel(modelId);
    if (model.deleted) {
      throw trackingErrors.TRK_MODEL_DELETED(`Logged model ${modelId} is deleted.`, { data: { modelId } });
    }
    return { ...metric, runId, no: model.no };
  });
  await store.insertMetrics(tx, rows);
}

function refuseMetric(metric: ModelMetrics[number]): void {
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
