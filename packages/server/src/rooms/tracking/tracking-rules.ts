import type { EndStatus, MetricPoint, RunBatch, RunStatus } from './tracking-types.js';

/** The limits of MLflow's store, except that here too long a value is refused and never cut off. */
export const LIMITS = {
  experimentName: 500,
  runName: 500,
  key: 250,
  paramValue: 6000,
  tagValue: 8000,
  experimentTagValue: 5000,
  note: 100_000,
  userName: 256,
  group: 250,
  metricsPerBatch: 1000,
  paramsPerBatch: 100,
  tagsPerBatch: 100,
  entriesPerBatch: 1000,
  seriesPerRun: 20_000,
  tagsPerRun: 5000,
  paramsPerRun: 20_000,
} as const;

const KEY = /^[/\p{L}\p{N}_.\- :]+$/u;
// NUL cannot be stored by PostgreSQL and half a surrogate pair has no UTF-8 form: both would change on the way.
const UNSTORABLE = /[\0\p{Cs}]/u;

/** What is wrong with the name of a metric, parameter or tag, in words; null when it is fine. */
export function keyProblem(key: string): string | null {
  if (key.length === 0) return 'it is empty';
  if (key.length > LIMITS.key) return `it has ${key.length} characters, at most ${LIMITS.key} are allowed`;
  if (!KEY.test(key)) return 'it has characters other than letters, digits and _ - . : / space';
  if (key.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    return 'its parts between "/" must not be empty, "." or ".."';
  }
  return null;
}

/** What is wrong with a text of at most `maxLength` characters, in words; null when it is fine. */
export function textProblem(text: string, maxLength: number): string | null {
  if (text.length > maxLength) return `it has ${text.length} characters, at most ${maxLength} are allowed`;
  if (UNSTORABLE.test(text)) return 'it has a NUL character or half a surrogate pair';
  return null;
}

/** What is wrong with the time or the step of a point, in words; null when it is fine. */
export function pointProblem({ step, timestampMs }: MetricPoint): string | null {
  if (!Number.isSafeInteger(step)) return `step ${step} is not an integer below 2^53`;
  if (!Number.isSafeInteger(timestampMs) || timestampMs < 0) return `timestampMs ${timestampMs} is not a time`;
  return null;
}

/** What is wrong with the size of a batch, in words; null when it is fine. */
export function batchSizeProblem(batch: RunBatch): string | null {
  const counts = {
    metrics: batch.metrics?.length ?? 0,
    params: Object.keys(batch.params ?? {}).length,
    tags: Object.keys(batch.tags ?? {}).length,
  };
  if (counts.metrics > LIMITS.metricsPerBatch) return `${counts.metrics} metrics`;
  if (counts.params > LIMITS.paramsPerBatch) return `${counts.params} parameters`;
  if (counts.tags > LIMITS.tagsPerBatch) return `${counts.tags} tags`;
  const total = counts.metrics + counts.params + counts.tags;
  return total > LIMITS.entriesPerBatch ? `${total} entries` : null;
}

/** True when `a` counts as later than `b`: greater (step, timestamp, value), where NaN is below every number. */
export function isLater(a: MetricPoint, b: MetricPoint): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestampMs !== b.timestampMs) return a.timestampMs > b.timestampMs;
  if (Number.isNaN(a.value) || Number.isNaN(b.value)) return !Number.isNaN(a.value);
  return a.value > b.value;
}

/** What points say of each of their keys: the latest point, and how many there are. */
export function seriesWrites(points: readonly MetricPoint[]): { latest: MetricPoint; count: number }[] {
  const writes = new Map<string, { latest: MetricPoint; count: number }>();
  for (const point of points) {
    const known = writes.get(point.key);
    if (known === undefined) writes.set(point.key, { latest: point, count: 1 });
    else {
      known.count += 1;
      if (isLater(point, known.latest)) known.latest = point;
    }
  }
  return [...writes.values()];
}

export function hasEnded(status: RunStatus): status is EndStatus {
  return status !== 'running' && status !== 'scheduled';
}
