import { checkRange } from '../../checks.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import { throwIfStopped } from '../trainer-types.js';
import { descendCoordinates, residualOf } from './coordinate-descent.js';
import { centreProblem, type FittedLinear, type LinearOptions, linearRegressor } from './linear-regressor.js';

export interface LassoOptions extends LinearOptions {
  /** Strength of the penalty, ≥ 0. Default 1. */
  readonly alpha?: number;
  /** Sweeps over all features. Default 1000. */
  readonly maxIter?: number;
  /** Default 1e-4; the duality gap may be tol · ‖y‖² in the end. */
  readonly tol?: number;
}

export interface ElasticNetOptions extends LassoOptions {
  /** Share of the absolute values in the penalty, 0..1. Default 0.5; 1 is the lasso. */
  readonly l1Ratio?: number;
}

interface Descended extends FittedLinear {
  readonly iterations: number;
  /** False when the sweeps ran out: standardise the features, raise alpha or maxIter. */
  readonly converged: boolean;
  /** Divided by the rows, as scikit-learn reports it. */
  readonly dualGap: number;
}

export interface FittedElasticNet extends Descended {
  readonly kind: 'elastic-net';
}

export interface FittedLasso extends Descended {
  readonly kind: 'lasso';
}

/**
 * Minimises ‖y − ŷ‖² / (2n) + alpha · l1Ratio · Σ|b| + alpha · (1 − l1Ratio) / 2 · ‖b‖²: scikit-learn's ElasticNet, with
 * its rule to stop. Sample weights count relative to their mean. Not scale-free: standardise the features.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW, or the reason of `signal`.
 */
export function fitElasticNet(x: FeatureMatrix, y: Float64Array, options: ElasticNetOptions = {}): FittedElasticNet {
  return descend('elastic-net', x, { ...options, y });
}

/** The elastic net without squares: coefficients that do not help are exactly 0. @throws as {@link fitElasticNet}. */
export function fitLasso(x: FeatureMatrix, y: Float64Array, options: LassoOptions = {}): FittedLasso {
  return descend('lasso', x, { ...options, y, l1Ratio: 1 });
}

function descend<Kind extends string>(
  kind: Kind,
  x: FeatureMatrix,
  options: ElasticNetOptions & { readonly y: Float64Array },
): Descended & { readonly kind: Kind } {
  const { alpha = 1, l1Ratio = 0.5, maxIter = 1000, tol = 1e-4, signal, onProgress } = options;
  checkRange('alpha', alpha, { min: 0, max: Number.MAX_VALUE });
  checkRange('l1Ratio', l1Ratio, { min: 0, max: 1 });
  checkRange('maxIter', maxIter, { min: 1, integer: true });
  checkRange('tol', tol, { min: 0 });
  const problem = centreProblem(x, options.y, options);
  const n = x.rowCount;
  const penalty = { l1: alpha * l1Ratio * n, l2: alpha * (1 - l1Ratio) * n };
  const onSweep = (sweep: number): void => {
    throwIfStopped(signal);
    onProgress?.((sweep - 1) / maxIter);
  };
  const { coefficients, dualGap, ...report } = descendCoordinates(residualOf(problem), penalty, {
    maxIter,
    tol,
    onSweep,
  });
  onProgress?.(1);
  return linearRegressor(kind, problem, coefficients, { ...report, dualGap: dualGap / n });
}
