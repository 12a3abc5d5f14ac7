import { checkFinite, checkLength, checkRange } from '../../checks.js';
import { numErrors } from '../../num-errors.js';

/** A piecewise linear function that never falls: `y` at the ascending `x`, straight between, constant outside. */
export interface Isotonic {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export interface IsotonicOptions {
  /** One non-negative weight per row; rows of weight 0 are left out. */
  readonly sampleWeight?: Float64Array;
  /** Default true. */
  readonly increasing?: boolean;
  readonly yMin?: number;
  readonly yMax?: number;
}

/**
 * Isotonic regression by pooling adjacent violators, as scikit-learn's IsotonicRegression(out_of_bounds='clip'): equal x
 * are averaged first, and points inside of a constant stretch are dropped.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE; NUM_TOO_FEW without a row of weight.
 */
export function fitIsotonic(x: Float64Array, y: Float64Array, options: IsotonicOptions = {}): Isotonic {
  const { sampleWeight, increasing = true } = options;
  const { yMin = Number.NEGATIVE_INFINITY, yMax = Number.POSITIVE_INFINITY } = options;
  checkLength('y', y.length, x.length);
  checkFinite('x', x);
  checkFinite('y', y);
  if (sampleWeight) {
    checkLength('sampleWeight', sampleWeight.length, x.length);
    for (const weight of sampleWeight) checkRange('sampleWeight', weight, { min: 0, max: Number.MAX_VALUE });
  }
  const points = distinctPoints(x, y, sampleWeight);
  if (points.x.length === 0) throw numErrors.NUM_TOO_FEW('There are no rows of weight to fit on.');
  const sign = increasing ? 1 : -1;
  const levels = poolViolators(
    points.y.map((value) => sign * value),
    points.weights,
  ).map((value) => Math.min(Math.max(sign * value, yMin), yMax));
  const last = levels.length - 1;
  const corner = (i: number) => i === 0 || i === last || levels[i] !== levels[i - 1] || levels[i] !== levels[i + 1];
  return Object.freeze({
    x: points.x.filter((_, i) => corner(i)),
    y: levels.filter((_, i) => corner(i)),
  });
}

/** The function at each of `x`; outside of what was met it is that of the nearest end. */
export function predictIsotonic(isotonic: Isotonic, x: Float64Array): Float64Array {
  return x.map((value) => isotonicAt(isotonic, value));
}

export function isotonicAt({ x, y }: Isotonic, value: number): number {
  const last = x.length - 1;
  if (!(value > x[0])) return y[0];
  if (value >= x[last]) return y[last];
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] <= value) low = middle;
    else high = middle;
  }
  return y[low] + (y[high] - y[low]) * ((value - x[low]) / (x[high] - x[low]));
}

/** scikit-learn takes two x for one when they differ by less than the resolution of a double. */
const RESOLUTION = 1e-15;

function distinctPoints(x: Float64Array, y: Float64Array, sampleWeight: Float64Array | undefined) {
  const order = Array.from({ length: x.length }, (_, i) => i)
    .filter((i) => !sampleWeight || sampleWeight[i] > 0)
    .sort((a, b) => x[a] - x[b] || y[a] - y[b]);
  const xs: number[] = [];
  const sums: number[] = [];
  const weights: number[] = [];
  for (const i of order) {
    const weight = sampleWeight ? sampleWeight[i] : 1;
    const at = xs.length - 1;
    if (at >= 0 && x[i] - xs[at] < RESOLUTION) {
      sums[at] += weight * y[i];
      weights[at] += weight;
    } else {
      xs.push(x[i]);
      sums.push(weight * y[i]);
      weights.push(weight);
    }
  }
  return {
    x: Float64Array.from(xs),
    y: Float64Array.from(sums, (sum, i) => sum / weights[i]),
    weights: Float64Array.from(weights),
  };
}

/** Least squares among sequences that never fall: neighbours out of order share their mean. */
function poolViolators(y: Float64Array, weights: Float64Array): Float64Array {
  const starts: number[] = [];
  const means: number[] = [];
  const mass: number[] = [];
  for (let i = 0; i < y.length; i++) {
    let start = i;
    let mean = y[i];
    let weight = weights[i];
    while (means.length > 0 && means[means.length - 1] >= mean) {
      const other = mass.pop() as number;
      mean = (mean * weight + (means.pop() as number) * other) / (weight + other);
      weight += other;
      start = starts.pop() as number;
    }
    starts.push(start);
    means.push(mean);
    mass.push(weight);
  }
  const out = new Float64Array(y.length);
  for (let block = 0; block < starts.length; block++) {
    out.fill(means[block], starts[block], starts[block + 1] ?? y.length);
  }
  return out;
}
