import { solveCholesky } from '../../linalg/cholesky.js';
import type { Rng } from '../../random/rng.js';
import { range } from '../../random/split.js';

/** ½‖w‖² + Σ Cᵢ·loss(yᵢ⟨w, xᵢ⟩) over rows that hold the intercept's constant as their last value. */
export interface LinearSvcProblem {
  /** Row-major. */
  readonly values: Float64Array;
  readonly width: number;
  readonly signs: Int8Array;
  readonly costs: Float64Array;
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly onIteration: () => void;
}

export interface LinearSvcSolution {
  readonly weights: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Squared hinge by Newton's method in the primal (Keerthi, DeCoste: A modified finite Newton method, JMLR 2005): only
 * rows within the margin have curvature, and a handful of steps reaches the exact minimum.
 */
export function solveSquaredHinge(problem: LinearSvcProblem): LinearSvcSolution {
  const { values, width, signs, costs, tolerance, maxIterations } = problem;
  const weights = new Float64Array(width);
  const hessian = new Float64Array(width * width);
  const step = new Float64Array(width);
  let value = squaredHinge(problem, weights);
  let first = 0;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    problem.onIteration();
    hessian.fill(0);
    for (let f = 0; f < width; f++) {
      step[f] = -weights[f];
      hessian[f * width + f] = 1;
    }
    for (let i = 0, at = 0; i < signs.length; i++, at += width) {
      let sum = 0;
      for (let f = 0; f < width; f++) sum += weights[f] * values[at + f];
      const missing = 1 - signs[i] * sum;
      if (missing <= 0) continue;
      const curvature = 2 * costs[i];
      const slope = curvature * missing * signs[i];
      for (let f = 0; f < width; f++) {
        const scaled = curvature * values[at + f];
        step[f] += slope * values[at + f];
        for (let g = 0; g <= f; g++) hessian[f * width + g] += scaled * values[at + g];
      }
    }
    const steepest = step.reduce((max, g) => Math.max(max, Math.abs(g)), 0);
    if (iteration === 0) first = steepest;
    if (steepest <= tolerance * 1e-4 * first || !solveCholesky(hessian, step)) {
      return { weights, iterations: iteration, converged: true };
    }
    const lower = halve(problem, { weights, step, value });
    if (lower === undefined) return { weights, iterations: iteration, converged: true };
    value = lower;
  }
  return { weights, iterations: maxIterations, converged: false };
}

function squaredHinge({ values, width, signs, costs }: LinearSvcProblem, weights: Float64Array): number {
  let sum = 0;
  for (let f = 0; f < width; f++) sum += (weights[f] * weights[f]) / 2;
  for (let i = 0, at = 0; i < signs.length; i++, at += width) {
    let inner = 0;
    for (let f = 0; f < width; f++) inner += weights[f] * values[at + f];
    const missing = 1 - signs[i] * inner;
    if (missing > 0) sum += costs[i] * missing * missing;
  }
  return sum;
}

/** Takes the step, halved until the value falls; undefined when none does. */
function halve(
  problem: LinearSvcProblem,
  line: { weights: Float64Array; step: Float64Array; value: number },
): number | undefined {
  const start = line.weights.slice();
  for (let scale = 1; scale > 1e-10; scale /= 2) {
    for (let f = 0; f < start.length; f++) line.weights[f] = start[f] + scale * line.step[f];
    const value = squaredHinge(problem, line.weights);
    if (value < line.value) return value;
  }
  line.weights.set(start);
  return undefined;
}

/**
 * Hinge by coordinate descent in the dual (Hsieh et al.: A dual coordinate descent method for large-scale linear SVM,
 * ICML 2008), rows in a new random order each round; liblinear's shrinking is left out.
 */
export function solveHinge(problem: LinearSvcProblem, rng: Rng): LinearSvcSolution {
  const { values, width, signs, costs, tolerance, maxIterations } = problem;
  const count = signs.length;
  const weights = new Float64Array(width);
  const alpha = new Float64Array(count);
  const squares = new Float64Array(count);
  for (let i = 0; i < count * width; i++) squares[Math.floor(i / width)] += values[i] * values[i];
  const order = range(count);
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    problem.onIteration();
    rng.shuffle(order);
    let highest = Number.NEGATIVE_INFINITY;
    let lowest = Number.POSITIVE_INFINITY;
    for (const i of order) {
      if (squares[i] === 0) continue;
      const at = i * width;
      let inner = 0;
      for (let f = 0; f < width; f++) inner += weights[f] * values[at + f];
      const gradient = inner * signs[i] - 1;
      const held = (alpha[i] === 0 && gradient > 0) || (alpha[i] >= costs[i] && gradient < 0);
      const projected = held ? 0 : gradient;
      highest = Math.max(highest, projected);
      lowest = Math.min(lowest, projected);
      if (Math.abs(projected) < 1e-12) continue;
      const moved = Math.min(Math.max(alpha[i] - gradient / squares[i], 0), costs[i]);
      const change = (moved - alpha[i]) * signs[i];
      alpha[i] = moved;
      for (let f = 0; f < width; f++) weights[f] += change * values[at + f];
    }
    if (!(highest - lowest > tolerance)) return { weights, iterations: iteration + 1, converged: true };
  }
  return { weights, iterations: maxIterations, converged: false };
}
