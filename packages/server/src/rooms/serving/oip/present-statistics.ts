import { servingErrors } from '../serving-errors.js';
import { modelNameOf, parseModelName } from '../serving-rules.js';
import type { ModelStatistics, ServingService } from '../serving-types.js';
import type { ModelPlace } from './model-place.js';

const NONE = { count: 0, ns: 0 };

/** Statistics in the words of the protocol. There is no cache of answers, so its counts are nought. */
export function presentStatistics(statistics: readonly ModelStatistics[]) {
  return {
    model_stats: statistics.map((model) => ({
      name: modelNameOf(model.endpoint, model.environment),
      version: String(model.version),
      last_inference: model.lastInferenceMs,
      inference_count: model.inferenceCount,
      execution_count: model.executionCount,
      inference_stats: {
        success: model.success,
        fail: model.fail,
        queue: model.queue,
        compute_input: model.computeInput,
        compute_infer: model.computeInfer,
        compute_output: model.computeOutput,
        cache_hit: NONE,
        cache_miss: NONE,
      },
      batch_stats: model.batches.map(({ rows, computeInput, computeInfer, computeOutput }) => ({
        batch_size: rows,
        compute_input: computeInput,
        compute_infer: computeInfer,
        compute_output: computeOutput,
      })),
    })),
  };
}

/**
 * The statistics of one model, of all its loaded versions or of one.
 *
 * @throws SRV_ENDPOINT_NOT_FOUND, SRV_NOT_ROUTED, SRV_UNAVAILABLE, SRV_VERSION_NOT_FOUND
 */
export async function findStatistics(
  serving: Pick<ServingService, 'inferenceStatistics' | 'live'>,
  { model, version }: ModelPlace,
): Promise<readonly ModelStatistics[]> {
  const { endpoint, environment } = parseModelName(model);
  const loaded = (await serving.inferenceStatistics()).filter(
    (statistics) => statistics.endpoint === endpoint && statistics.environment === environment,
  );
  // Says why when there is none.
  if (loaded.length === 0) serving.live(endpoint, environment);
  const wanted = version === undefined ? loaded : loaded.filter((statistics) => String(statistics.version) === version);
  if (version === undefined || wanted.length > 0) return wanted;
  throw servingErrors.SRV_VERSION_NOT_FOUND(`Version ${version.slice(0, 40)} of ${model} is not served.`);
}
