import { minimiseLbfgs } from '../../linalg/lbfgs.js';
import type { LogisticProblem, LogisticSolution } from './logistic-binary.js';

/**
 * Softmax regression over all K classes by L-BFGS from zero. The intercepts are not penalised; because the start is
 * symmetric their sum stays zero, which is also the solution scikit-learn reports.
 */
export function solveMultinomial(problem: LogisticProblem): LogisticSolution {
  const { x, weights, classCount, c } = problem;
  const features = x.featureCount;
  const theta = new Float64Array(classCount * (features + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const scale = 1 / (c * total);
  const z = new Float64Array(x.rowCount * classCount);
  const result = minimiseLbfgs((point, gradient) => evaluate(problem, { point, gradient, z, scale }), theta, {
    maxIterations: problem.maxIterations,
    gradientTolerance: 1e-10,
    onIteration: problem.onIteration,
  });
  return {
    coefficients: theta.slice(0, classCount * features),
    intercepts: theta.slice(classCount * features),
    ...result,
  };
}

/** Mean weighted log loss + penalty, and its gradient. z is class-major: z[class * n + row]. */
function evaluate(
  problem: LogisticProblem,
  at: { point: Float64Array; gradient: Float64Array; z: Float64Array; scale: number },
): number {
  const { x, classCount, c } = problem;
  const { point, gradient, z, scale } = at;
  const n = x.rowCount;
  const features = x.featureCount;
  let penalty = 0;
  for (let k = 0; k < classCount; k++) {
    z.fill(point[classCount * features + k], k * n, (k + 1) * n);
    for (let f = 0; f < features; f++) {
      const coefficient = point[k * features + f];
      penalty += coefficient * coefficient;
      for (let i = 0, a = f * n, b = k * n; i < n; i++) z[b + i] += coefficient * x.values[a + i];
    }
  }
  const loss = softmaxResiduals(problem, z);
  for (let k = 0; k < classCount; k++) {
    let sum = 0;
    for (let i = 0, b = k * n; i < n; i++) sum += z[b + i];
    gradient[classCount * features + k] = scale * c * sum;
    for (let f = 0; f < features; f++) {
      let slope = 0;
      for (let i = 0, a = f * n, b = k * n; i < n; i++) slope += z[b + i] * x.values[a + i];
      gradient[k * features + f] = scale * (c * slope + point[k * features + f]);
    }
  }
  return scale * (c * loss + penalty / 2);
}

/** Turns logits into weighted residuals w · (p − 1[y = k]) in place and returns the weighted log loss. */
function softmaxResiduals(problem: LogisticProblem, z: Float64Array): number {
  const { y, weights, classCount } = problem;
  const n = y.length;
  let loss = 0;
  for (let i = 0; i < n; i++) {
    let max = z[i];
    for (let k = 1; k < classCount; k++) max = Math.max(max, z[k * n + i]);
    const own = z[y[i] * n + i];
    let sum = 0;
    for (let k = 0; k < classCount; k++) {
      const e = Math.exp(z[k * n + i] - max);
      z[k * n + i] = e;
      sum += e;
    }
    loss += weights[i] * (max + Math.log(sum) - own);
    for (let k = 0; k < classCount; k++) z[k * n + i] *= weights[i] / sum;
    z[y[i] * n + i] -= weights[i];
  }
  return loss;
}
