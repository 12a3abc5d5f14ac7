import type { ColumnScale } from '../../linalg/column-block.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import type { ThreadPool } from '../../parallel/thread-pool.js';

/**
 * What the solvers minimise: mean weighted log loss + penalty, over coefficients of standardised features. The penalty is
 * weighed per feature so that it is the one of the raw coefficients: standardising changes the path, not the optimum.
 */
export interface LogisticProblem {
  readonly x: FeatureMatrix;
  readonly y: Int32Array;
  readonly weights: Float64Array;
  readonly totalWeight: number;
  readonly classCount: number;
  readonly scale: ColumnScale;
  readonly fitIntercept: boolean;
  /** Of ½θ², per feature. */
  readonly l2: Float64Array;
  /** Of |θ|, per feature; undefined without an L1 part. */
  readonly l1: Float64Array | undefined;
  readonly threads?: ThreadPool | undefined;
  readonly maxIterations: number;
  readonly onIteration: (iteration: number) => void;
}

export interface LogisticSolution {
  /** Row-major, one row per class (one row only when binary), of raw features; then the intercepts apart. */
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Largest slope of the mean loss, per standard deviation of a feature, that counts as none. */
export const SLOPE_TOLERANCE = 1e-10;

/** From θ = rows × (features, intercept) over standardised features to coefficients of the raw ones. */
export function rawSolution(
  theta: Float64Array,
  scale: ColumnScale,
  report: { iterations: number; converged: boolean },
): LogisticSolution {
  const p = scale.centre.length;
  const lines = theta.length / (p + 1);
  const coefficients = new Float64Array(lines * p);
  const intercepts = new Float64Array(lines);
  for (let k = 0; k < lines; k++) {
    let intercept = theta[k * (p + 1) + p];
    for (let f = 0; f < p; f++) {
      const coefficient = theta[k * (p + 1) + f] * scale.factor[f];
      coefficients[k * p + f] = coefficient;
      intercept -= coefficient * scale.centre[f];
    }
    intercepts[k] = intercept;
  }
  return { coefficients, intercepts, ...report };
}
