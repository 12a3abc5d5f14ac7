import { checkRange } from '../../checks.js';
import { solveLeastSquares } from '../../linalg/least-squares.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import { centreProblem, type FittedLinear, type LinearOptions, linearRegressor } from './linear-regressor.js';

export interface LinearRegressionOptions extends LinearOptions {
  /**
   * Directions of the features whose singular value is at most this share of the largest are left out. Default:
   * max(rows, features) · 2⁻⁵², as in NumPy's lstsq; scikit-learn 1.9 uses 1e-6, which drops features that merely have
   * small units.
   */
  readonly tol?: number;
}

export interface FittedLinearRegression extends FittedLinear {
  readonly kind: 'linear-regression';
  /** Below featureCount: features repeat each other, and the coefficients are those of least norm. */
  readonly rank: number;
}

export interface RidgeOptions extends LinearOptions {
  /** Weight of ‖coefficients‖², ≥ 0. Default 1. The intercept is not penalised. */
  readonly alpha?: number;
}

export interface FittedRidge extends FittedLinear {
  readonly kind: 'ridge';
}

/**
 * Ordinary least squares. With repeated or constant features: the solution of least norm, as scikit-learn gives it.
 * One row, or a constant target, gives that constant.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW, or the reason of `signal`.
 */
export function fitLinearRegression(
  x: FeatureMatrix,
  y: Float64Array,
  options: LinearRegressionOptions = {},
): FittedLinearRegression {
  const problem = centreProblem(x, y, options);
  const tolerance = options.tol ?? Math.max(x.rowCount, x.featureCount) * 2 ** -52;
  checkRange('tol', tolerance, { min: 0, max: 1 });
  const { coefficients, rank } = solveLeastSquares({ ...problem, alpha: 0, tolerance });
  options.onProgress?.(1);
  return linearRegressor('linear-regression', problem, coefficients, { rank });
}

/** Minimises Σ wᵢ (yᵢ − ŷᵢ)² + alpha · ‖coefficients‖²; coefficients as scikit-learn's Ridge. @throws as {@link fitLinearRegression}. */
export function fitRidge(x: FeatureMatrix, y: Float64Array, options: RidgeOptions = {}): FittedRidge {
  const { alpha = 1 } = options;
  checkRange('alpha', alpha, { min: 0, max: Number.MAX_VALUE });
  const problem = centreProblem(x, y, options);
  const tolerance = Math.max(x.rowCount, x.featureCount) * 2 ** -52;
  const { coefficients } = solveLeastSquares({ ...problem, alpha, tolerance });
  options.onProgress?.(1);
  return linearRegressor('ridge', problem, coefficients, {});
}
