import type { Interval } from '@fairlead/kernel';
import { checkFinite, checkLength, checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import type { Rng } from '../random/rng.js';
import { normalCdf, normalQuantile } from '../special/special-functions.js';
import { studentQuantile } from '../special/student.js';
import { measureMemory } from './block-length.js';

export interface BootstrapInterval extends Interval {
  readonly resamples: number;
  /** Rows that were drawn together. */
  readonly blockLength: number;
}

export interface BootstrapOptions {
  readonly rng: Rng;
  /** Default 2000. */
  readonly resamples?: number;
  /** Ratio; default 0.95. */
  readonly confidence?: number;
  /**
   * Rows per block. Default 1: rows are exchangeable. For a time series give 'auto' or a length over which errors are
   * related, for example 7 for days: circular blocks (Politis & Romano 1992) keep neighbours together and the interval
   * honest. 'auto' estimates the length from the first term ({@link automaticBlockLength}).
   */
  readonly blockLength?: number | 'auto';
  /**
   * 'percentile' (default), or 'bca': bias-corrected and accelerated (Efron 1987), nearer to its confidence for skewed
   * statistics. BCa knows rows only, so it needs a block length of 1.
   */
  readonly method?: 'percentile' | 'bca';
}

/** From here on rows are drawn in groups of neighbours, so that a resample costs this many draws and no more. */
const MAX_DRAWS = 20_000;

/**
 * Bootstrap of any statistic of row means: each row carries one value per term, and `statistic` turns the means of the
 * terms into a number. Terms are resampled together, so differences and ratios are paired. Draws that give NaN are left
 * out, and `resamples` says how many remain.
 *
 * Cost: resamples × (rows, but at most 20,000 draws) × terms additions, nothing allocated per resample. Above 20,000 rows,
 * rows that lie together are drawn together, which changes nothing when they are exchangeable.
 *
 * @example bootstrapMeans([modelLoss, referenceLoss], ([model, reference]) => 1 - model / reference, { rng })
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW.
 */
export function bootstrapMeans(
  terms: readonly Float64Array[],
  statistic: (means: Float64Array) => number,
  options: BootstrapOptions,
): BootstrapInterval {
  return bootstrapManyMeans(terms, (means) => [statistic(means)], options)[0];
}

/** {@link bootstrapMeans} of several statistics on the same resamples: much cheaper than one after the other. */
export function bootstrapManyMeans(
  terms: readonly Float64Array[],
  statistics: (means: Float64Array) => readonly number[],
  options: BootstrapOptions,
): BootstrapInterval[] {
  const { rng, method = 'percentile' } = options;
  const n = terms[0]?.length ?? 0;
  const plan = planBootstrap(n, options, terms[0]);
  for (const term of terms) {
    checkLength('term', term.length, n);
    checkFinite('term', term);
  }
  if (method === 'bca' && plan.blockLength > 1) {
    throw numErrors.NUM_RANGE('A BCa interval needs rows that are exchangeable, so a block length of 1.');
  }
  const means = new Float64Array(terms.length);
  for (let t = 0; t < terms.length; t++) means[t] = terms[t].reduce((sum, value) => sum + value, 0) / n;
  const centres = means.slice();
  const estimates = statistics(means);
  const draws = estimates.map(() => new Float64Array(plan.resamples));
  const resample = resampler(terms, Math.max(plan.blockLength, Math.ceil(n / MAX_DRAWS)));
  for (let b = 0; b < plan.resamples; b++) {
    resample(means, rng);
    const values = statistics(means);
    for (let s = 0; s < draws.length; s++) draws[s][b] = values[s];
  }
  if (method === 'percentile') return estimates.map((estimate, s) => summariseDraws(estimate, draws[s], plan));
  const jackknife = leaveOneOut(terms, centres, statistics);
  return estimates.map((estimate, s) => bcaInterval({ estimate, draws: draws[s], jackknife: jackknife[s] }, plan));
}

export interface BootstrapPlan {
  readonly rows: number;
  readonly resamples: number;
  readonly confidence: number;
  readonly blockLength: number;
  /** What the interval must grow by because blocks end; 1 unless the length is automatic. */
  readonly stretch: number;
}

/** The options with their defaults, checked. `series` is what 'auto' measures. @throws NUM_TOO_FEW, NUM_RANGE */
export function planBootstrap(n: number, options: BootstrapOptions, series?: Float64Array): BootstrapPlan {
  const { resamples = 2000, confidence = 0.95 } = options;
  if (n < 2) throw numErrors.NUM_TOO_FEW(`A bootstrap needs at least 2 rows, not ${n}.`, { data: { rows: n } });
  const asked = options.blockLength ?? 1;
  const memory = asked === 'auto' ? measureMemory(series ?? new Float64Array(n)) : { blockLength: asked, stretch: 1 };
  const { blockLength, stretch } = memory;
  checkRange('resamples', resamples, { min: 1, integer: true });
  checkRange('confidence', confidence, { min: 0.5, max: 0.9999 });
  checkRange('blockLength', blockLength, { min: 1, max: n, integer: true });
  return { rows: n, resamples, confidence, blockLength, stretch };
}

/**
 * The percentile interval of draws; NaN draws are left out. Blocks: few blocks say little about their own spread, so the
 * interval is stretched around the estimate as Student's t with (blocks − 1) degrees of freedom is wider than the normal, and
 * by √(blocks / (blocks − 1)), what resampling loses of the variance; an automatic length adds {@link SeriesMemory}'s stretch.
 */
export function summariseDraws(estimate: number, draws: Float64Array, plan: BootstrapPlan): BootstrapInterval {
  const { confidence, blockLength, rows } = plan;
  const sorted = draws.filter((value) => !Number.isNaN(value)).sort();
  const tail = (1 - confidence) / 2;
  let lower = quantileOfSorted(sorted, tail);
  let upper = quantileOfSorted(sorted, 1 - tail);
  const blocks = rows / blockLength;
  if (blockLength > 1 && blocks > 2) {
    const student = studentQuantile(1 - tail, blocks - 1) / normalQuantile(1 - tail);
    const stretch = plan.stretch * student * Math.sqrt(blocks / (blocks - 1));
    lower = estimate - (estimate - lower) * stretch;
    upper = estimate + (upper - estimate) * stretch;
  }
  return { estimate, lower, upper, confidence, resamples: sorted.length, blockLength };
}

/** Fills the means of one resample. Rows one by one, or whole blocks from running sums. */
function resampler(terms: readonly Float64Array[], length: number): (means: Float64Array, rng: Rng) => void {
  const n = terms[0].length;
  if (length === 1) {
    const rows = new Int32Array(n);
    return (means, rng) => {
      drawRows(rows, 1, rng);
      for (let t = 0; t < terms.length; t++) means[t] = meanOf(terms[t], rows);
    };
  }
  const sums = terms.map(runningSums);
  return (means, rng) => {
    means.fill(0);
    for (let filled = 0; filled < n; filled += length) {
      const start = rng.int(n);
      const take = Math.min(length, n - filled);
      const past = start + take - n;
      for (let t = 0; t < sums.length; t++) {
        const sum = sums[t];
        means[t] += past > 0 ? sum[n] - sum[start] + sum[past] : sum[start + take] - sum[start];
      }
    }
    for (let t = 0; t < sums.length; t++) means[t] /= n;
  };
}

function runningSums(values: Float64Array): Float64Array {
  const out = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) out[i + 1] = out[i] + values[i];
  return out;
}

/** The statistics without each row in turn. */
function leaveOneOut(
  terms: readonly Float64Array[],
  means: Float64Array,
  statistics: (means: Float64Array) => readonly number[],
): Float64Array[] {
  const n = terms[0].length;
  const without = new Float64Array(terms.length);
  const out = statistics(means).map(() => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    for (let t = 0; t < terms.length; t++) without[t] = (means[t] * n - terms[t][i]) / (n - 1);
    const values = statistics(without);
    for (let s = 0; s < out.length; s++) out[s][i] = values[s];
  }
  return out;
}

interface BcaInput {
  readonly estimate: number;
  readonly draws: Float64Array;
  readonly jackknife: Float64Array;
}

function bcaInterval({ estimate, draws, jackknife }: BcaInput, plan: BootstrapPlan): BootstrapInterval {
  const sorted = draws.filter((value) => !Number.isNaN(value)).sort();
  const below = sorted.reduce((count, value) => count + (value < estimate ? 1 : value === estimate ? 0.5 : 0), 0);
  const plain = summariseDraws(estimate, draws, plan);
  // Every draw on one side, or no spread at all: the correction is not defined, the percentiles stand.
  if (below === 0 || below === sorted.length) return plain;
  const bias = normalQuantile(below / sorted.length);
  const centre = jackknife.reduce((sum, value) => sum + value, 0) / jackknife.length;
  let squares = 0;
  let cubes = 0;
  for (const value of jackknife) {
    squares += (centre - value) ** 2;
    cubes += (centre - value) ** 3;
  }
  const acceleration = squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
  const place = (p: number) => {
    const z = bias + normalQuantile(p);
    return normalCdf(bias + z / (1 - acceleration * z));
  };
  const tail = (1 - plan.confidence) / 2;
  const lower = quantileOfSorted(sorted, place(tail));
  const upper = quantileOfSorted(sorted, place(1 - tail));
  return Number.isNaN(lower) || Number.isNaN(upper) ? plain : { ...plain, lower, upper };
}

/** Interval of mean(a) − mean(b) on the same rows. */
export function pairedBootstrap(a: Float64Array, b: Float64Array, options: BootstrapOptions): BootstrapInterval {
  return bootstrapMeans([a, b], (means) => means[0] - means[1], options);
}

/** Bootstrap of any statistic of rows, for example the difference of two models' metrics on the same rows. */
export function bootstrapRows(
  rowCount: number,
  statistic: (rows: Int32Array) => number,
  options: BootstrapOptions,
): BootstrapInterval {
  const plan = planBootstrap(rowCount, options);
  if (options.method === 'bca') throw numErrors.NUM_RANGE('BCa is made for statistics of means only.');
  const rows = Int32Array.from({ length: rowCount }, (_, i) => i);
  const estimate = statistic(rows);
  const draws = new Float64Array(plan.resamples);
  for (let b = 0; b < plan.resamples; b++) {
    drawRows(rows, plan.blockLength, options.rng);
    draws[b] = statistic(rows);
  }
  return summariseDraws(estimate, draws, plan);
}

/** Fills `rows` with a resample of 0..n−1 in blocks of neighbours, the first row following the last. */
export function drawRows(rows: Int32Array, blockLength: number, rng: Rng): void {
  const n = rows.length;
  for (let filled = 0; filled < n; ) {
    const start = rng.int(n);
    for (let i = 0; i < blockLength && filled < n; i++) rows[filled++] = start + i < n ? start + i : start + i - n;
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
