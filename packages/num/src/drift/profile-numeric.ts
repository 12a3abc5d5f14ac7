import { type ColumnView, isMissing, type StringColumnView } from '../preprocess/table-view.js';
import { quantileOfSorted } from '../resample/bootstrap.js';
import type { NumericProfile } from './profile-types.js';

/** Equal-width edges from the 0.1th to the 99.9th percentile of the finite values; a constant gets a bin of its own. */
export function profileEdges(values: Float64Array, bins: number): Float64Array {
  const sorted = values.filter((value) => Number.isFinite(value)).sort();
  if (sorted.length === 0) return new Float64Array(0);
  const low = quantileOfSorted(sorted, 0.001);
  const high = quantileOfSorted(sorted, 0.999);
  const step = (high - low) / bins;
  if (!(low + step > low)) return Float64Array.of(low, low + Math.max(Number.MIN_VALUE, Math.abs(low) * 2 ** -52));
  return Float64Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : low + i * step));
}

/** Number of edges at or below x, that is the index of its bin. */
function binOf(x: number, edges: Float64Array): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One pass: tallies, Welford moments and histogram. */
export function profileNumbers(
  name: string,
  column: Exclude<ColumnView, StringColumnView>,
  edges: Float64Array,
): NumericProfile {
  const { values, validity } = column;
  const counts = new Float64Array(edges.length + 1);
  let [missing, nan, negativeInfinity, positiveInfinity, n] = [0, 0, 0, 0, 0];
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let mean = 0;
  let m2 = 0;
  for (let row = 0; row < values.length; row++) {
    const x = values[row];
    if (isMissing(validity, row)) missing++;
    else if (Number.isNaN(x)) nan++;
    else if (x === Number.POSITIVE_INFINITY) positiveInfinity++;
    else if (x === Number.NEGATIVE_INFINITY) negativeInfinity++;
    else {
      n++;
      const delta = x - mean;
      mean += delta / n;
      m2 += delta * (x - mean);
      if (x < min) min = x;
      if (x > max) max = x;
      counts[binOf(x, edges)]++;
    }
  }
  return {
    kind: 'numeric',
    name,
    count: values.length,
    missing,
    nan,
    negativeInfinity,
    positiveInfinity,
    min: n > 0 ? min : null,
    max: n > 0 ? max : null,
    mean,
    m2,
    edges: Array.from(edges),
    counts: Array.from(counts),
  };
}

/** Number of finite values. */
export function finiteCount(profile: NumericProfile): number {
  const { count, missing, nan, negativeInfinity, positiveInfinity } = profile;
  return count - missing - nan - negativeInfinity - positiveInfinity;
}

/** Standard deviation (ddof 0) of the finite values. NaN when there are none. */
export function profileDeviation(profile: NumericProfile): number {
  return Math.sqrt(profile.m2 / finiteCount(profile));
}

/** Quantile p in 0..1 by linear interpolation within the histogram; off by at most one bin. NaN when empty. */
export function profileQuantile(profile: NumericProfile, p: number): number {
  const { counts, edges, min, max } = profile;
  if (min === null || max === null) return Number.NaN;
  let rest = p * finiteCount(profile);
  for (let bin = 0; bin < counts.length; bin++) {
    if (rest > counts[bin] || counts[bin] === 0) {
      rest -= counts[bin];
      continue;
    }
    const lower = Math.max(min, bin === 0 ? min : edges[bin - 1]);
    const upper = Math.min(max, bin === edges.length ? max : edges[bin]);
    return lower + (rest / counts[bin]) * (upper - lower);
  }
  return max;
}
