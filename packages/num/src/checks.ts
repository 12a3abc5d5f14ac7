import { numErrors } from './num-errors.js';

/** Fails with NUM_SHAPE unless `observed` equals `expected`. `what` names the argument, for example "y". */
export function checkLength(what: string, observed: number, expected: number): void {
  if (observed !== expected) {
    throw numErrors.NUM_SHAPE(`${what} has ${observed} values, but ${expected} are needed.`, {
      data: { argument: what, observed, expected },
    });
  }
}

/** Fails with NUM_RANGE unless `value` lies in [min, max] and, when asked, is an integer. */
export function checkRange(what: string, value: number, range: { min: number; max?: number; integer?: boolean }): void {
  const max = range.max ?? Number.POSITIVE_INFINITY;
  if (value >= range.min && value <= max && (!range.integer || Number.isInteger(value))) return;
  const kind = range.integer ? 'an integer' : 'a number';
  throw numErrors.NUM_RANGE(`${what} is ${value}, but must be ${kind} in [${range.min}, ${max}].`, {
    data: { argument: what, observed: String(value), min: range.min, max: String(max) },
  });
}

/**
 * Fails with NUM_NOT_FINITE when any value is NaN or infinite. One sum first, a slow scan only when it fails,
 * as in scikit-learn: a finite array costs one addition per value.
 */
export function checkFinite(what: string, values: Float32Array | Float64Array): void {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * 0;
  if (sum === 0) return;
  const index = values.findIndex((value) => !Number.isFinite(value));
  throw numErrors.NUM_NOT_FINITE(`${what}[${index}] is ${values[index]}, but every value must be finite.`, {
    data: { argument: what, index, observed: String(values[index]) },
  });
}

/** Fails unless the weights are finite, not negative and as many as the rows. */
export function checkWeights(weights: Float64Array, rows: number): void {
  checkLength('weights', weights.length, rows);
  checkFinite('weights', weights);
  checkNotNegative('weights', weights);
}

/** Fails with NUM_RANGE at the first negative value. */
export function checkNotNegative(what: string, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] < 0) throw numErrors.NUM_RANGE(`${what}[${i}] is ${values[i]}, but must not be negative.`);
  }
}
