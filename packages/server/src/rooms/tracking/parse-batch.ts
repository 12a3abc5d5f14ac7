import { trackingErrors } from './tracking-errors.js';
import { batchSizeProblem, keyProblem, LIMITS, pointProblem, textProblem } from './tracking-rules.js';
import type { MetricPoint, RunBatch } from './tracking-types.js';

type Values = Readonly<Record<string, string | number | boolean>>;

/** A batch whose every name and value may be stored as it is. */
export interface CheckedBatch {
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly metrics: readonly MetricPoint[];
}

/** Refuses what cannot be stored unchanged. Throws TRK_BATCH_TOO_LARGE, TRK_KEY_INVALID, TRK_VALUE_INVALID. */
export function parseBatch(batch: RunBatch): CheckedBatch {
  const tooMany = batchSizeProblem(batch);
  if (tooMany !== null) {
    throw trackingErrors.TRK_BATCH_TOO_LARGE(`The batch has ${tooMany}.`, { data: { observed: tooMany } });
  }
  for (const point of batch.metrics ?? []) {
    refuseKey('metric', point.key);
    const problem = pointProblem(point);
    if (problem !== null) refuseValue('metric', point.key, problem);
  }
  return {
    params: parseValues('parameter', batch.params ?? {}, LIMITS.paramValue),
    tags: parseValues('tag', batch.tags ?? {}, LIMITS.tagValue),
    metrics: batch.metrics ?? [],
  };
}

/** Refuses a name that is empty, too long or has characters that cannot be stored. Throws TRK_VALUE_INVALID. */
export function parseName(what: 'experiment' | 'run', name: string): string {
  const problem = name.trim() === '' ? 'it is empty' : textProblem(name, LIMITS[`${what}Name`]);
  if (problem === null) return name;
  throw trackingErrors.TRK_VALUE_INVALID(`The name of the ${what} is not allowed: ${problem}.`, { data: { problem } });
}

/** Refuses an id that MLflow's clients would not take. Throws TRK_VALUE_INVALID. */
export function parseRunId(id: string): string {
  if (/^[A-Za-z0-9][\w-]{0,255}$/.test(id)) return id;
  const shown = id.slice(0, 80);
  throw trackingErrors.TRK_VALUE_INVALID(`${JSON.stringify(shown)} cannot be the id of a run.`, {
    data: { id: shown },
  });
}

function parseValues(what: string, values: Values, maxLength: number): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      refuseKey(what, key);
      const problem = textProblem(String(value), maxLength);
      if (problem !== null) refuseValue(what, key, problem);
      return [key, String(value)];
    }),
  );
}

function refuseKey(what: string, key: string): void {
  const problem = keyProblem(key);
  if (problem === null) return;
  const shown = key.slice(0, 80);
  throw trackingErrors.TRK_KEY_INVALID(`The ${what} name ${JSON.stringify(shown)} is not allowed: ${problem}.`, {
    data: { what, key: shown, problem },
  });
}

function refuseValue(what: string, key: string, problem: string): never {
  throw trackingErrors.TRK_VALUE_INVALID(`The ${what} "${key}" is not allowed: ${problem}.`, {
    data: { what, key, problem },
  });
}
