import { quantileOfSorted } from '../resample/bootstrap.js';
import { mean } from './probability-metrics.js';
import {
  absoluteErrorRows,
  explainedVariance,
  maxError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanPoissonDeviance,
  medianOf,
  pinballLoss,
  type RegressionRows,
  residuals,
  rootMeanSquaredError,
  rootMeanSquaredLogError,
  rSquared,
} from './regression-metrics.js';
import type { Scores } from './score-classification.js';

/**
 * Every metric of a regression by name. `rmsle` needs all values above −1 and `poissonDeviance` truths ≥ 0 and
 * predictions > 0: where they do not hold, the name is absent, not NaN. `quantile` adds `pinball` of that quantile.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_TOO_FEW
 */
export function scoreRegression(rows: RegressionRows, options: { quantile?: number } = {}): Scores {
  const { truth, predicted, weights } = rows;
  const errors = residuals(rows);
  const lowest = (values: Float64Array) => values.reduce((least, value) => Math.min(least, value), Infinity);
  const counts = lowest(truth) >= 0;
  const least = lowest(predicted);
  return {
    rmse: rootMeanSquaredError(truth, predicted, weights),
    mae: meanAbsoluteError(truth, predicted, weights),
    medianAbsoluteError: medianOf(absoluteErrorRows(rows), weights),
    maxError: maxError(truth, predicted),
    mape: meanAbsolutePercentageError(truth, predicted, weights),
    r2: rSquared(truth, predicted, weights),
    explainedVariance: explainedVariance(truth, predicted, weights),
    bias: mean(errors, weights),
    ...(counts && least > -1 && { rmsle: rootMeanSquaredLogError(truth, predicted, weights) }),
    ...(counts && least > 0 && { poissonDeviance: meanPoissonDeviance(truth, predicted, weights) }),
    ...(options.quantile !== undefined && { pinball: pinballLoss(rows, options.quantile) }),
  };
}

/** How the errors truth − predicted are spread. */
export interface ResidualSummary {
  /** Mean error: above zero the model is too low on average. */
  readonly bias: number;
  /** Σ(e − bias)² / n. */
  readonly variance: number;
  readonly standardDeviation: number;
  /** Third standardised moment (population); NaN when all errors are equal. */
  readonly skew: number;
  readonly min: number;
  readonly max: number;
  /** Probability → quantile of the errors (numpy's linear interpolation), at 5, 25, 50, 75 and 95 %. */
  readonly quantiles: Readonly<Record<string, number>>;
}

/** Statistics of the residuals, each row counting once. */
export function summariseResiduals(rows: RegressionRows): ResidualSummary {
  const errors = residuals(rows).sort();
  const bias = mean(errors);
  let squares = 0;
  let cubes = 0;
  for (let i = 0; i < errors.length; i++) {
    const deviation = errors[i] - bias;
    squares += deviation * deviation;
    cubes += deviation * deviation * deviation;
  }
  const variance = squares / errors.length;
  const quantiles = Object.fromEntries(
    [0.05, 0.25, 0.5, 0.75, 0.95].map((p) => [String(p), quantileOfSorted(errors, p)]),
  );
  return {
    bias,
    variance,
    standardDeviation: Math.sqrt(variance),
    skew: variance > 0 ? cubes / errors.length / variance ** 1.5 : Number.NaN,
    min: errors[0],
    max: errors[errors.length - 1],
    quantiles,
  };
}
