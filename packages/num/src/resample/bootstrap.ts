import type { Interval } from '@fairlead/kernel';
import { checkFinite, checkLength, checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import type { Rng } from '../random/rng.js';

export interface BootstrapInterval extends Interval {
  readonly resamples: number;
}

export interface BootstrapOptions {
  readonly rng: Rng;
  /** Default 2000. */
  readonly resamples?: number;
  /** Ratio; default 0.95. */
  readonly confidence?: number;
  /**
   * Rows per block. Default 1: rows are exchangeable. For a time series give a length over which errors are related,
   * for example 7 for days: moving blocks (Künsch 1989) keep neighbours together and the interval honest.
   */
  readonly blockLength?: number;
}

/**
 * Percentile bootstrap of any statistic of row means: each row carries one value per term, and `statistic` turns the
 * means of the terms into a number. Terms are resampled together, so differences and ratios are paired.
 *
 * Cost: resamples × rows × terms additions, nothing allocated per resample.
 *
 * @example bootstrapMeans([modelLoss, referenceLoss], ([model, reference]) => 1 - model / reference, { rng })
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW.
 */
export function bootstrapMeans(
  terms: readonly Float64Array[],
  statistic: (means: Float64Array) => number,
  options: BootstrapOptions,
): BootstrapInterval {
  const { rng, resamples = 2000, confidence = 0.95, blockLength = 1 } = options;
  const n = terms[0]?.length ?? 0;
  if (n < 2) throw numErrors.NUM_TOO_FEW(`A bootstrap needs at least 2 rows, not ${n}.`, { data: { rows: n } });
  for (const term of terms) {
    checkLength('term', term.length, n);
    checkFinite('term', term);
  }
  checkRange('resamples', resamples, { min: 1, integer: true });
  checkRange('confidence', confidence, { min: 0.5, max: 0.9999 });
  checkRange('blockLength', blockLength, { min: 1, max: n, integer: true });
  const means = new Float64Array(terms.length);
  for (let t = 0; t < terms.length; t++) means[t] = terms[t].reduce((sum, value) => sum + value, 0) / n;
  const estimate = statistic(means);
  const draws = new Float64Array(resamples);
  const rows = new Int32Array(n);
  for (let b = 0; b < resamples; b++) {
    drawRows(rows, blockLength, rng);
    for (let t = 0; t < terms.length; t++) means[t] = meanOf(terms[t], rows);
    draws[b] = statistic(means);
  }
  draws.sort();
  const tail = (1 - confidence) / 2;
  return {
    estimate,
    lower: quantileOfSorted(draws, tail),
    upper: quantileOfSorted(draws, 1 - tail),
    confidence,
    resamples,
  };
}

/** Interval of mean(a) − mean(b) on the same rows. */
export function pairedBootstrap(a: Float64Array, b: Float64Array, options: BootstrapOptions): BootstrapInterval {
  return bootstrapMeans([a, b], (means) => means[0] - means[1], options);
}

/** Fills `rows` with a resample of 0..n−1 in blocks of neighbours. */
export function drawRows(rows: Int32Array, blockLength: number, rng: Rng): void {
  const n = rows.length;
  for (let filled = 0; filled < n; ) {
    const start = rng.int(n - blockLength + 1);
    for (let i = 0; i < blockLength && filled < n; i++) rows[filled++] = start + i;
  }
}

function meanOf(values: Float64Array, rows: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) sum += values[rows[i]];
  return sum / rows.length;
}

/** Linear interpolation between order statistics (Hyndman & Fan type 7, numpy's default); `sorted` ascending. */
export function quantileOfSorted(sorted: Float64Array, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = p * (sorted.length - 1);
  const low = Math.floor(position);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (position - low) * (sorted[high] - sorted[low]);
}
