import { ProtoWriter } from '../../../../platform/grpc/index.js';
import type { presentStatistics } from '../present-statistics.js';
import type { presentEntry } from '../repository-words.js';

interface Duration {
  readonly count: number;
  readonly ns: number;
}

/** `ModelStatisticsResponse`, as Triton has it. */
export function writeStatistics({ model_stats: models }: ReturnType<typeof presentStatistics>): Buffer {
  const writer = new ProtoWriter();
  for (const model of models) {
    writer.message(1, (one) => {
      one.text(1, model.name).text(2, model.version).integer(3, model.last_inference);
      one.integer(4, model.inference_count).integer(5, model.execution_count);
      const { success, fail, queue, compute_input, compute_infer, compute_output, cache_hit, cache_miss } =
        model.inference_stats;
      const parts = [success, fail, queue, compute_input, compute_infer, compute_output, cache_hit, cache_miss];
      one.message(6, (stats) => writeDurations(stats, 1, parts));
      for (const batch of model.batch_stats) {
        one.message(7, (stats) => {
          stats.integer(1, batch.batch_size);
          writeDurations(stats, 2, [batch.compute_input, batch.compute_infer, batch.compute_output]);
        });
      }
    });
  }
  return writer.finish();
}

/** `StatisticDuration`s, one field after the other. */
function writeDurations(writer: ProtoWriter, first: number, durations: readonly Duration[]): void {
  durations.forEach(({ count, ns }, i) => {
    writer.message(first + i, (duration) => duration.integer(1, count).integer(2, ns));
  });
}

/** `RepositoryIndexResponse`. */
export function writeIndex(entries: readonly ReturnType<typeof presentEntry>[]): Buffer {
  const writer = new ProtoWriter();
  for (const { name, version = '', state, reason } of entries) {
    writer.message(1, (entry) => entry.text(1, name).text(2, version).text(3, state).text(4, reason));
  }
  return writer.finish();
}
