import { solveCholesky } from '../../linalg/cholesky.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';

export interface LogisticProblem {
  readonly x: FeatureMatrix;
  readonly y: Int32Array;
  readonly weights: Float64Array;
  readonly classCount: number;
  /** Inverse of the penalty, as in scikit-learn. */
  readonly c: number;
  readonly maxIterations: number;
  readonly onIteration: (iteration: number) => void;
}

export interface LogisticSolution {
  /** Row-major, one row per class (one row only when binary), then the intercepts apart. */
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Newton's method (IRLS) with step halving: quadratic convergence, a handful of passes for the usual tens of features. */
export function solveBinaryNewton(problem: LogisticProblem): LogisticSolution {
  const { x, c } = problem;
  const size = x.featureCount + 1;
  const theta = new Float64Array(size);
  const work = {
    z: new Float64Array(x.rowCount),
    curvature: new Float64Array(x.rowCount),
    residual: new Float64Array(x.rowCount),
    hessian: new Float64Array(size * size),
    step: new Float64Array(size),
  };
  let value = objective(problem, theta, work.z);
  for (let iteration = 0; iteration < problem.maxIterations; iteration++) {
    problem.onIteration(iteration);
    fillNewton(problem, theta, work);
    const steepest = work.step.reduce((max, g) => Math.max(max, Math.abs(g)), 0);
    const done = steepest <= 1e-10 * Math.max(1, c);
    if (done || !solveCholesky(work.hessian, work.step)) return solution(theta, iteration, done);
    const next = descend(problem, { theta, step: work.step, z: work.z, value });
    if (next === undefined) return solution(theta, iteration, steepest <= 1e-6 * Math.max(1, c));
    value = next;
  }
  return solution(theta, problem.maxIterations, false);
}

function solution(theta: Float64Array, iterations: number, converged: boolean): LogisticSolution {
  const features = theta.length - 1;
  return { coefficients: theta.slice(0, features), intercepts: theta.slice(features), iterations, converged };
}

/** C · Σ wᵢ log(1 + exp(−sᵢ zᵢ)) + ½‖coefficients‖². Leaves the margins in `z`. */
function objective(problem: LogisticProblem, theta: Float64Array, z: Float64Array): number {
  const { x, y, weights, c } = problem;
  const n = x.rowCount;
  z.fill(theta[x.featureCount]);
  let penalty = 0;
  for (let f = 0; f < x.featureCount; f++) {
    const coefficient = theta[f];
    penalty += coefficient * coefficient;
    const start = f * n;
    for (let i = 0; i < n; i++) z[i] += coefficient * x.values[start + i];
  }
  let loss = 0;
  for (let i = 0; i < n; i++) {
    const margin = y[i] === 1 ? z[i] : -z[i];
    loss += weights[i] * (margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin);
  }
  return c * loss + penalty / 2;
}

/** Hessian (lower triangle) and negative gradient at the point whose margins stand in work.z. */
function fillNewton(
  problem: LogisticProblem,
  theta: Float64Array,
  work: Record<'z' | 'curvature' | 'residual' | 'hessian' | 'step', Float64Array>,
): void {
  const { x, y, weights, c } = problem;
  const { curvature, residual, hessian, step } = work;
  const n = x.rowCount;
  const size = theta.length;
  let curvatureSum = 0;
  let residualSum = 0;
  for (let i = 0; i < n; i++) {
    const p = 1 / (1 + Math.exp(-work.z[i]));
    curvature[i] = c * weights[i] * p * (1 - p);
    residual[i] = c * weights[i] * (y[i] - p);
    curvatureSum += curvature[i];
    residualSum += residual[i];
  }
  for (let f = 0; f < x.featureCount; f++) {
    const a = f * n;
    let slope = 0;
    let withIntercept = 0;
    for (let i = 0; i < n; i++) {
      slope += residual[i] * x.values[a + i];
      withIntercept += curvature[i] * x.values[a + i];
    }
    step[f] = slope - theta[f];
    hessian[(size - 1) * size + f] = withIntercept;
    for (let g = 0; g <= f; g++) {
      const b = g * n;
      let sum = 0;
      for (let i = 0; i < n; i++) sum += curvature[i] * x.values[a + i] * x.values[b + i];
      hessian[f * size + g] = f === g ? sum + 1 : sum;
    }
  }
  step[size - 1] = residualSum;
  hessian[size * size - 1] = curvatureSum;
}

/** Moves theta along the Newton step, halving while the value rises. Undefined = no step lowers the value. */
function descend(
  problem: LogisticProblem,
  line: { theta: Float64Array; step: Float64Array; z: Float64Array; value: number },
): number | undefined {
  const start = line.theta.slice();
  let scale = 1;
  for (let attempt = 0; attempt < 40; attempt++) {
    for (let i = 0; i < start.length; i++) line.theta[i] = start[i] + scale * line.step[i];
    const value = objective(problem, line.theta, line.z);
    if (value <= line.value + 1e-15 * Math.abs(line.value)) return value;
    scale /= 2;
  }
  line.theta.set(start);
  return undefined;
}
