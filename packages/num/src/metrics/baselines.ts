import { checkLength, checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import type { Rng } from '../random/rng.js';
import { mean } from './probability-metrics.js';
import { medianOf } from './regression-metrics.js';

/** Forecasts the class frequencies of the training rows for every row. */
export interface MajorityBaseline {
  readonly kind: 'majority';
  readonly prior: Float64Array;
  /** Row-major rowCount × K. */
  predictProbabilities(rowCount: number): Float64Array;
}

/** Forecasts the frequencies that followed a state like today's. */
export interface PersistenceBaseline {
  readonly kind: 'persistence';
  /** stateCount × classCount, row-major: P(class | state). A state never seen has the overall frequencies. */
  readonly conditional: Float64Array;
  predictProbabilities(states: Int32Array): Float64Array;
}

function frequencies(y: Int32Array, classCount: number): Float64Array {
  checkRange('classCount', classCount, { min: 1, integer: true });
  if (y.length === 0) throw numErrors.NUM_TOO_FEW('There are no rows to fit a baseline on.');
  const counts = new Float64Array(classCount);
  for (const label of y) {
    checkRange('y', label, { min: 0, max: classCount - 1 });
    counts[label]++;
  }
  return counts.map((count) => count / y.length);
}

/** The class prior: what can be said without looking at any feature. */
export function fitMajorityBaseline(y: Int32Array, classCount: number): MajorityBaseline {
  const prior = frequencies(y, classCount);
  return Object.freeze({
    kind: 'majority' as const,
    prior,
    predictProbabilities: (rowCount: number) => {
      const out = new Float64Array(rowCount * classCount);
      for (let row = 0; row < rowCount; row++) out.set(prior, row * classCount);
      return out;
    },
  });
}

/**
 * Conditional persistence, P(next = k | state today): "tomorrow with the frequency that followed a day like today".
 *
 * @param states code of today's state per row, 0..stateCount−1 (for plain persistence: today's class).
 * @param y class code that followed.
 */
export function fitPersistenceBaseline(
  states: Int32Array,
  y: Int32Array,
  counts: { stateCount: number; classCount: number },
): PersistenceBaseline {
  const { stateCount, classCount } = counts;
  checkLength('states', states.length, y.length);
  const prior = frequencies(y, classCount);
  const conditional = new Float64Array(stateCount * classCount);
  const seen = new Float64Array(stateCount);
  for (let i = 0; i < y.length; i++) {
    checkRange('states', states[i], { min: 0, max: stateCount - 1 });
    conditional[states[i] * classCount + y[i]]++;
    seen[states[i]]++;
  }
  for (let state = 0; state < stateCount; state++) {
    for (let k = 0; k < classCount; k++) {
      const at = state * classCount + k;
      conditional[at] = seen[state] > 0 ? conditional[at] / seen[state] : prior[k];
    }
  }
  return Object.freeze({
    kind: 'persistence' as const,
    conditional,
    predictProbabilities: (today: Int32Array) => {
      const out = new Float64Array(today.length * classCount);
      for (let row = 0; row < today.length; row++) {
        checkRange('states', today[row], { min: 0, max: stateCount - 1 });
        const from = today[row] * classCount;
        out.set(conditional.subarray(from, from + classCount), row * classCount);
      }
      return out;
    },
  });
}

/** The mean of y, for regression. */
export function fitMeanBaseline(y: Float64Array): { readonly kind: 'mean'; readonly mean: number } {
  return Object.freeze({ kind: 'mean' as const, mean: mean(y) });
}

/** The median of y: the constant with the least mean absolute error. */
export function fitMedianBaseline(y: Float64Array): { readonly kind: 'median'; readonly median: number } {
  return Object.freeze({ kind: 'median' as const, median: medianOf(y) });
}

/** Class codes drawn by the frequencies `prior`: what guessing with the right shares scores (scikit-learn's 'stratified'). */
export function drawFromPrior(prior: Float64Array, rowCount: number, rng: Rng): Int32Array {
  const out = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    let left = rng.next();
    let code = 0;
    while (code < prior.length - 1 && left >= prior[code]) left -= prior[code++];
    out[row] = code;
  }
  return out;
}

/**
 * Each row's value `season` rows earlier, for rows in the order of time: tomorrow as today (1), as a day ago (24 hours), as
 * a year ago. The first `season` rows have none: NaN.
 */
export function seasonalNaiveForecast(y: Float64Array, season = 1): Float64Array {
  checkRange('season', season, { min: 1, integer: true });
  return Float64Array.from(y, (_, row) => (row < season ? Number.NaN : y[row - season]));
}

/** The grouping without skill: all rows in one cluster. */
export function oneCluster(rowCount: number): Int32Array {
  return new Int32Array(rowCount);
}
