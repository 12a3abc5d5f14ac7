import type { Rng } from '../../random/rng.js';
import { range } from '../../random/split.js';

/** ½‖w‖² + Σ Cᵢ·loss(⟨w, xᵢ⟩ − yᵢ) over rows that hold the intercept's constant as their last value. */
export interface LinearSvrProblem {
  /** Row-major. */
  readonly values: Float64Array;
  readonly width: number;
  readonly targets: Float64Array;
  readonly costs: Float64Array;
  readonly epsilon: number;
  /** Errors beyond the tube count with their square instead of as they are. */
  readonly squared: boolean;
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly onIteration: () => void;
}

export interface LinearSvrSolution {
  readonly weights: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Coordinate descent in the dual (Ho & Lin: Large-scale linear support vector regression, JMLR 2012, algorithm 4 without
 * shrinking), rows in a new random order each round. Stops when the violations of the optimality conditions sum to at
 * most `tolerance` of what they were in the first round.
 */
export function solveLinearSvr(problem: LinearSvrProblem, rng: Rng): LinearSvrSolution {
  const { values, width, targets, costs, epsilon, squared, maxIterations } = problem;
  const count = targets.length;
  const weights = new Float64Array(width);
  const beta = new Float64Array(count);
  const curvature = new Float64Array(count);
  for (let i = 0, at = 0; i < count; i++) {
    let squares = squared ? 0.5 / costs[i] : 0;
    for (let f = 0; f < width; f++, at++) squares += values[at] * values[at];
    curvature[i] = squares;
  }
  const order = range(count);
  let first = 0;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    problem.onIteration();
    rng.shuffle(order);
    let violations = 0;
    for (const i of order) {
      if (curvature[i] === 0) continue;
      const at = i * width;
      let inner = 0;
      for (let f = 0; f < width; f++) inner += weights[f] * values[at + f];
      const slope = inner - targets[i] + (squared ? (0.5 / costs[i]) * beta[i] : 0);
      const bound = squared ? Number.POSITIVE_INFINITY : costs[i];
      violations += violationOf(beta[i], slope, { epsilon, bound });
      const moved = stepFrom(beta[i], slope, { epsilon, bound, curvature: curvature[i] });
      const change = moved - beta[i];
      if (Math.abs(change) < 1e-14 * Math.abs(moved)) continue;
      beta[i] = moved;
      for (let f = 0; f < width; f++) weights[f] += change * values[at + f];
    }
    if (iteration === 0) first = violations;
    if (violations <= problem.tolerance * first) return { weights, iterations: iteration + 1, converged: true };
  }
  return { weights, iterations: maxIterations, converged: false };
}

/** How far a row is from its optimality condition: |slope + ε·sign(β)| where β may still move that way. */
function violationOf(beta: number, slope: number, { epsilon, bound }: { epsilon: number; bound: number }): number {
  const up = slope + epsilon;
  const down = slope - epsilon;
  if (beta === 0) return Math.max(0, -up, down);
  if (beta >= bound) return Math.max(0, up);
  if (beta <= -bound) return Math.max(0, -down);
  return Math.abs(beta > 0 ? up : down);
}

/** The minimum along one coordinate, kept within its bounds. */
function stepFrom(
  beta: number,
  slope: number,
  { epsilon, bound, curvature }: { epsilon: number; bound: number; curvature: number },
): number {
  const up = slope + epsilon;
  const down = slope - epsilon;
  const free = up < curvature * beta ? beta - up / curvature : down > curvature * beta ? beta - down / curvature : 0;
  return Math.min(Math.max(free, -bound), bound);
}
