import { checkFinite, checkLength, checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';

export interface RegressionTargetOptions {
  /** One non-negative weight per row, not all 0. */
  readonly sampleWeight?: Float64Array;
}

/**
 * Checks targets and weights of a regression against the matrix. A constant target is legal: every regressor answers
 * it with that constant. Undefined = all rows weigh the same.
 */
export function prepareRegression(
  y: Float64Array,
  rowCount: number,
  options: RegressionTargetOptions,
): Float64Array | undefined {
  checkLength('y', y.length, rowCount);
  if (rowCount === 0) throw numErrors.NUM_TOO_FEW('There are no rows to fit on.');
  checkFinite('y', y);
  const { sampleWeight } = options;
  if (!sampleWeight) return undefined;
  checkLength('sampleWeight', sampleWeight.length, rowCount);
  let total = 0;
  for (const weight of sampleWeight) {
    checkRange('sampleWeight', weight, { min: 0, max: Number.MAX_VALUE });
    total += weight;
  }
  if (total === 0) throw numErrors.NUM_TOO_FEW('Every row has weight 0.');
  return sampleWeight;
}
