import type { ArtifactRef } from '../../pipelines/index.js';
import { type ComparedMetric, type ComparedOutput, LEVELS, type ReproductionLevel } from './reproduction-types.js';

/** Members that tell when and in which run something was made, which no repetition can share. */
const OF_THE_OCCASION = /(Ms|RunId|_ms)$/;

/** A JSON record without times and run ids, in a form that can be compared; null when the bytes are no JSON. */
export function comparableJson(bytes: Uint8Array): string | null {
  try {
    return JSON.stringify(withoutOccasion(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))));
  } catch {
    return null;
  }
}

function withoutOccasion(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOccasion);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !OF_THE_OCCASION.test(key));
  return Object.fromEntries(
    kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, withoutOccasion(member)]),
  );
}

/** Pairs metrics by key; equal within a relative tolerance, absolute below one. Durations are left out. */
export function compareMetrics(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  tolerance: number,
): ComparedMetric[] {
  return Object.entries(before)
    .filter(([key]) => !OF_THE_OCCASION.test(key))
    .map(([key, value]) => {
      const now = after[key] ?? null;
      const same =
        now !== null && (Object.is(value, now) || Math.abs(value - now) <= tolerance * Math.max(1, Math.abs(value)));
      return { key, before: value, after: now, same };
    });
}

/** How close a repetition came. Records beside a model say what the model says, so models decide where there are any. */
export function levelOf(
  outputs: readonly ComparedOutput[],
  metrics: readonly ComparedMetric[],
  tolerance: number,
): ReproductionLevel {
  if (outputs.length > 0 && outputs.every(({ same }) => same)) return 'same-bytes';
  const models = outputs.filter(({ kind }) => kind === 'model');
  const agree = models.every(
    ({ same, maxAbsDifference }) => same || (maxAbsDifference ?? Number.MAX_VALUE) <= tolerance,
  );
  if (models.length > 0 && agree) return 'same-predictions';
  return metrics.length > 0 && metrics.every(({ same }) => same) ? 'same-metrics' : 'different';
}

/** What to look at first: a changed cause is more telling than its effect. */
export function firstDifferenceOf(
  changed: readonly string[],
  outputs: readonly ComparedOutput[],
  metrics: readonly ComparedMetric[],
): string | null {
  const output = outputs.find(({ same }) => !same);
  const metric = metrics.find(({ same }) => !same);
  if (output === undefined && metric === undefined) return null;
  if (changed[0] !== undefined) return changed[0];
  if (output !== undefined)
    return `output ${output.name}: ${output.before.slice(0, 12)} → ${output.after?.slice(0, 12) ?? 'none'}`;
  return `metric ${metric?.key}: ${metric?.before} → ${metric?.after ?? 'none'}`;
}

export function weakest(levels: readonly ReproductionLevel[]): ReproductionLevel {
  return LEVELS[Math.max(...levels.map((level) => LEVELS.indexOf(level)))] ?? 'different';
}

/** Outputs of one step then and now, by name. */
export function pairOutputs(
  before: Readonly<Record<string, ArtifactRef>>,
  after: Readonly<Record<string, ArtifactRef>>,
): { name: string; before: ArtifactRef; after: ArtifactRef | null }[] {
  return Object.entries(before).map(([name, ref]) => ({ name, before: ref, after: after[name] ?? null }));
}
