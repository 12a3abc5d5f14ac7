import { checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import type { Rng } from './rng.js';

/**
 * Parts a time series at `boundaries` (same unit as `timestamps`, ascending): part i holds the rows with
 * boundaries[i-1] ≤ t < boundaries[i], sorted by time, ties by row. Returns boundaries.length + 1 index arrays.
 *
 * @throws NUM_NOT_FINITE for a missing timestamp: no part is right for it.
 */
export function splitByTime(timestamps: Float64Array, boundaries: readonly number[]): Int32Array[] {
  for (let i = 1; i < boundaries.length; i++) {
    if (!(boundaries[i] > boundaries[i - 1])) {
      throw numErrors.NUM_RANGE(`boundaries[${i}] must be later than boundaries[${i - 1}].`, {
        data: { index: i, observed: boundaries[i], previous: boundaries[i - 1] },
      });
    }
  }
  const bad = timestamps.findIndex((t) => !Number.isFinite(t));
  if (bad >= 0) throw numErrors.NUM_NOT_FINITE(`timestamps[${bad}] is missing; remove the row before splitting.`);
  const order = Array.from(timestamps.keys()).sort((i, j) => timestamps[i] - timestamps[j] || i - j);
  const parts: number[][] = Array.from({ length: boundaries.length + 1 }, () => []);
  let part = 0;
  for (const row of order) {
    while (part < boundaries.length && timestamps[row] >= boundaries[part]) part++;
    parts[part].push(row);
  }
  return parts.map((rows) => Int32Array.from(rows));
}

/** Random parts of `n` rows in the given ratios (sum 1). Sizes by cumulative rounding; each part sorted by row. */
export function splitRandom(n: number, ratios: readonly number[], rng: Rng): Int32Array[] {
  return cut(rng.shuffle(range(n)), cumulative(ratios, n)).map((part) => part.sort());
}

/** Like {@link splitRandom}, but rows of one group (equal code) never part. Ratios count rows, so they hold roughly. */
export function splitByGroup(groups: Int32Array, ratios: readonly number[], rng: Rng): Int32Array[] {
  const ids = [...new Set(groups)].sort((a, b) => a - b);
  const order = rng.shuffle(range(ids.length));
  const sizeOf = new Map<number, number>();
  for (const group of groups) sizeOf.set(group, (sizeOf.get(group) ?? 0) + 1);
  const ends = cumulative(ratios, groups.length);
  const partOf = new Map<number, number>();
  let seen = 0;
  for (const position of order) {
    const size = sizeOf.get(ids[position]) ?? 0;
    const part = ends.findIndex((end) => seen + size / 2 < end);
    partOf.set(ids[position], part < 0 ? ratios.length - 1 : part);
    seen += size;
  }
  const parts: number[][] = ratios.map(() => []);
  for (let row = 0; row < groups.length; row++) parts[partOf.get(groups[row]) ?? 0].push(row);
  return parts.map((rows) => Int32Array.from(rows));
}

function cumulative(ratios: readonly number[], n: number): number[] {
  const total = ratios.reduce((sum, ratio) => sum + ratio, 0);
  if (ratios.some((ratio) => !(ratio > 0)) || Math.abs(total - 1) > 1e-9) {
    throw numErrors.NUM_RANGE(`Split ratios must be positive and sum to 1, not ${ratios.join(' + ')} = ${total}.`, {
      data: { ratios, total },
    });
  }
  let sum = 0;
  return ratios.map((ratio, i) => {
    sum += ratio;
    return i === ratios.length - 1 ? n : Math.round(sum * n);
  });
}

function cut(rows: Int32Array, ends: readonly number[]): Int32Array[] {
  return ends.map((end, i) => rows.slice(i === 0 ? 0 : ends[i - 1], end));
}

/** 0, 1, …, n − 1. */
export function range(n: number): Int32Array {
  checkRange('n', n, { min: 0, integer: true });
  const out = new Int32Array(n);
  for (let i = 0; i < n; i++) out[i] = i;
  return out;
}
