import { checkRange } from '../../checks.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import { createRng } from '../../random/rng.js';
import { type FittedLinear, linearModel } from '../linear/linear-regressor.js';
import { prepareRegression, type RegressionTargetOptions } from '../regression-targets.js';
import { type FitHooks, throwIfStopped } from '../trainer-types.js';
import { solveLinearSvr } from './linear-svr-solver.js';

export interface LinearSvrOptions extends RegressionTargetOptions, FitHooks {
  /** Inverse strength of the L2 penalty, > 0. Default 1. */
  readonly c?: number;
  /** Half the width of the tube in which an error costs nothing, in units of the target. Default 0. */
  readonly epsilon?: number;
  /** What an error beyond the tube costs: itself (default), or its square. */
  readonly loss?: 'epsilon_insensitive' | 'squared_epsilon_insensitive';
  /** Default true. */
  readonly fitIntercept?: boolean;
  /** The intercept is the penalised weight of a feature of this value, as in scikit-learn. Default 1. */
  readonly interceptScaling?: number;
  /** Share of the first round's violations at which the fit is done. Default 1e-4. */
  readonly tol?: number;
  /** Rounds over all rows. Default 1000. */
  readonly maxIter?: number;
  /** Of the order of the rows. Default 0. */
  readonly seed?: number;
}

export interface FittedLinearSvr extends FittedLinear {
  readonly kind: 'linear-svr';
  readonly iterations: number;
  /** False when the rounds ran out: standardise the features, lower c, or raise maxIter. */
  readonly converged: boolean;
}

/**
 * Linear ε-support vector regression for many rows: minimises ½‖w‖² + C · Σ weight · loss, to the coefficients of
 * scikit-learn's LinearSVR at tol → 0. Memory beside x: 8 bytes per value; cost: rounds · rows · features.
 *
 * @param x feature-major matrix of finite values; standardise it.
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW, or the reason of `signal`.
 */
export function fitLinearSvr(x: FeatureMatrix, y: Float64Array, options: LinearSvrOptions = {}): FittedLinearSvr {
  const { c = 1, epsilon = 0, interceptScaling = 1, fitIntercept = true, tol = 1e-4, maxIter = 1000 } = options;
  const { loss = 'epsilon_insensitive', seed = 0, signal, onProgress } = options;
  checkMatrix('x', x);
  const weights = prepareRegression(y, x.rowCount, options);
  checkRange('c', c, { min: Number.MIN_VALUE, max: Number.MAX_VALUE });
  checkRange('epsilon', epsilon, { min: 0, max: Number.MAX_VALUE });
  checkRange('interceptScaling', interceptScaling, { min: Number.MIN_VALUE, max: 1e9 });
  checkRange('tol', tol, { min: 0, max: 1 });
  checkRange('maxIter', maxIter, { min: 1, integer: true });
  const used = Int32Array.from(y, (_, i) => i).filter((i) => weights === undefined || weights[i] > 0);
  const features = x.featureCount;
  const width = features + Number(fitIntercept);
  let round = 0;
  const solved = solveLinearSvr(
    {
      values: rowsWithConstant(x, used, { width, constant: interceptScaling }),
      width,
      targets: Float64Array.from(used, (i) => y[i]),
      costs: Float64Array.from(used, (i) => c * (weights ? weights[i] : 1)),
      epsilon,
      squared: loss === 'squared_epsilon_insensitive',
      tolerance: tol,
      maxIterations: maxIter,
      onIteration: () => {
        throwIfStopped(signal);
        onProgress?.(round++ / maxIter);
      },
    },
    createRng(seed),
  );
  onProgress?.(1);
  const intercept = fitIntercept ? solved.weights[features] * interceptScaling : 0;
  const { iterations, converged } = solved;
  return linearModel('linear-svr', solved.weights.slice(0, features), intercept, { iterations, converged });
}

/** Row-major rows of x; a place that is left in each holds the constant. */
function rowsWithConstant(
  x: FeatureMatrix,
  rows: Int32Array,
  { width, constant }: { width: number; constant: number },
): Float64Array {
  const values = new Float64Array(rows.length * width).fill(constant);
  for (let f = 0; f < x.featureCount; f++) {
    const start = f * x.rowCount;
    for (let i = 0; i < rows.length; i++) values[i * width + f] = x.values[start + rows[i]];
  }
  return values;
}
