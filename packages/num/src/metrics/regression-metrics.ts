import { checkFinite, checkLength, checkRange, checkWeights } from '../checks.js';
import { numErrors } from '../num-errors.js';
import { mean } from './probability-metrics.js';

/** True values and a model's, with a weight per row where rows do not count alike. */
export interface RegressionRows {
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
  readonly weights?: Float64Array | undefined;
}

/** Fails unless both are finite and fit together. @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_TOO_FEW */
function checkRegression({ truth, predicted, weights }: RegressionRows): void {
  checkLength('yPredicted', predicted.length, truth.length);
  if (truth.length === 0) throw numErrors.NUM_TOO_FEW('There are no rows to score.');
  checkFinite('yTrue', truth);
  checkFinite('yPredicted', predicted);
  if (weights) checkWeights(weights, truth.length);
}

/** truth − predicted per row: positive where the model is too low. */
export function residuals(rows: RegressionRows): Float64Array {
  checkRegression(rows);
  const out = new Float64Array(rows.truth.length);
  for (let i = 0; i < out.length; i++) out[i] = rows.truth[i] - rows.predicted[i];
  return out;
}

/** Squared error per row. */
export function squaredErrorRows(rows: RegressionRows): Float64Array {
  const out = residuals(rows);
  for (let i = 0; i < out.length; i++) out[i] *= out[i];
  return out;
}

/** Absolute error per row, in the unit of y. */
export function absoluteErrorRows(rows: RegressionRows): Float64Array {
  const out = residuals(rows);
  for (let i = 0; i < out.length; i++) out[i] = Math.abs(out[i]);
  return out;
}

const rowsOf = (truth: Float64Array, predicted: Float64Array, weights?: Float64Array): RegressionRows => ({
  truth,
  predicted,
  weights,
});

/** Root of the mean squared error, in the unit of y. */
export function rootMeanSquaredError(yTrue: Float64Array, yPredicted: Float64Array, weights?: Float64Array): number {
  return Math.sqrt(mean(squaredErrorRows(rowsOf(yTrue, yPredicted, weights)), weights));
}

/** Mean absolute error, in the unit of y. */
export function meanAbsoluteError(yTrue: Float64Array, yPredicted: Float64Array, weights?: Float64Array): number {
  return mean(absoluteErrorRows(rowsOf(yTrue, yPredicted, weights)), weights);
}

/** Median absolute error; with weights the averaged weighted median, as in scikit-learn. */
export function medianAbsoluteError(yTrue: Float64Array, yPredicted: Float64Array, weights?: Float64Array): number {
  return medianOf(absoluteErrorRows(rowsOf(yTrue, yPredicted, weights)), weights);
}

/** The median; with weights the mean of the lowest value with half the weight below and the highest with half above. */
export function medianOf(values: Float64Array, weights?: Float64Array): number {
  if (values.length === 0) throw numErrors.NUM_TOO_FEW('There are no rows to take a median of.');
  if (weights === undefined) {
    const sorted = values.slice().sort();
    const half = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
  checkWeights(weights, values.length);
  const order = Int32Array.from(values.keys())
    .filter((i) => weights[i] > 0)
    .sort((i, j) => values[i] - values[j]);
  const half = order.reduce((sum, i) => sum + weights[i], 0) / 2;
  let below = 0;
  for (let at = 0; at < order.length; at++) {
    below += weights[order[at]];
    if (below < half) continue;
    const tie = below === half && at + 1 < order.length;
    return tie ? (values[order[at]] + values[order[at + 1]]) / 2 : values[order[at]];
  }
  throw numErrors.NUM_TOO_FEW('The weights of all rows sum to zero.');
}

/** The greatest absolute error. */
export function maxError(yTrue: Float64Array, yPredicted: Float64Array): number {
  let worst = 0;
  for (const error of absoluteErrorRows(rowsOf(yTrue, yPredicted))) if (error > worst) worst = error;
  return worst;
}

/** Mean |error| / |truth| as a ratio. A truth of 0 divides by 2⁻⁵², as in scikit-learn: the answer is then huge. */
export function meanAbsolutePercentageError(
  yTrue: Float64Array,
  yPredicted: Float64Array,
  weights?: Float64Array,
): number {
  const errors = absoluteErrorRows(rowsOf(yTrue, yPredicted, weights));
  for (let i = 0; i < errors.length; i++) errors[i] /= Math.max(Math.abs(yTrue[i]), Number.EPSILON);
  return mean(errors, weights);
}

/** Coefficient of determination. Constant y: 1 when perfect, else 0; one row: NaN (scikit-learn's conventions). */
export function rSquared(yTrue: Float64Array, yPredicted: Float64Array, weights?: Float64Array): number {
  const squared = mean(squaredErrorRows(rowsOf(yTrue, yPredicted, weights)), weights);
  if (yTrue.length < 2) return Number.NaN;
  return oneMinusRatio(squared, varianceOf(yTrue, weights));
}

/** {@link rSquared} of what remains when the mean error is taken away: a constant bias costs nothing. */
export function explainedVariance(yTrue: Float64Array, yPredicted: Float64Array, weights?: Float64Array): number {
  const error = residuals(rowsOf(yTrue, yPredicted, weights));
  return oneMinusRatio(varianceOf(error, weights), varianceOf(yTrue, weights));
}

function oneMinusRatio(above: number, below: number): number {
  if (below === 0) return above === 0 ? 1 : 0;
  return 1 - above / below;
}

function varianceOf(values: Float64Array, weights?: Float64Array): number {
  const centre = mean(values, weights);
  const squares = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) squares[i] = (values[i] - centre) * (values[i] - centre);
  return mean(squares, weights);
}

/** Pinball loss of each row for a forecast of the `quantile` (0..1). */
export function pinballRows(rows: RegressionRows, quantile: number): Float64Array {
  checkRange('quantile', quantile, { min: 0, max: 1 });
  const error = residuals(rows);
  for (let i = 0; i < error.length; i++) error[i] = error[i] >= 0 ? quantile * error[i] : (quantile - 1) * error[i];
  return error;
}

/** Pinball loss of a forecast of the `quantile` (0..1); 0.5 gives half the mean absolute error. */
export function pinballLoss(rows: RegressionRows, quantile: number): number {
  return mean(pinballRows(rows, quantile), rows.weights);
}

/** Mean Poisson deviance 2·(y ln(y/ŷ) − y + ŷ), for counts. @throws NUM_RANGE unless y ≥ 0 and ŷ > 0 */
export function meanPoissonDeviance(yTrue: Float64Array, yPredicted: Float64Array, weights?: Float64Array): number {
  checkRegression(rowsOf(yTrue, yPredicted, weights));
  const out = new Float64Array(yTrue.length);
  for (let i = 0; i < out.length; i++) {
    const y = yTrue[i];
    const guess = yPredicted[i];
    if (y < 0 || guess <= 0) {
      throw numErrors.NUM_RANGE(`Row ${i} has truth ${y} and prediction ${guess}; they must be at least and above 0.`);
    }
    out[i] = 2 * ((y === 0 ? 0 : y * Math.log(y / guess)) - y + guess);
  }
  return mean(out, weights);
}

/** Root of the mean squared difference of ln(1 + y): relative errors of sizes. @throws NUM_RANGE below −1 */
export function rootMeanSquaredLogError(yTrue: Float64Array, yPredicted: Float64Array, weights?: Float64Array): number {
  const log = (values: Float64Array) => {
    for (let i = 0; i < values.length; i++) {
      if (values[i] <= -1) throw numErrors.NUM_RANGE(`Row ${i} holds ${values[i]}; ln(1 + y) needs more than −1.`);
    }
    return values.map(Math.log1p);
  };
  checkRegression(rowsOf(yTrue, yPredicted, weights));
  return rootMeanSquaredError(log(yTrue), log(yPredicted), weights);
}
