import { solveCholesky } from './cholesky.js';

/** Value at `point`; writes the gradient and, when one is given, the Hessian (row-major, lower triangle). */
export type CurvedObjective = (point: Float64Array, gradient: Float64Array, hessian?: Float64Array) => number;

export interface NewtonOptions {
  /** λ of λ·|θ| per coordinate, added to the objective; undefined = smooth. */
  readonly l1?: Float64Array | undefined;
  readonly maxIterations: number;
  /** Stop when no coordinate of the (sub)gradient is larger. */
  readonly tolerance: number;
  readonly onIteration: (iteration: number) => void;
}

/**
 * Newton's method with step halving for a convex objective; with an L1 part, the quadratic model is minimised by
 * coordinate descent (proximal Newton: Lee, Sun & Saunders 2014). Moves `theta` in place. A Hessian that is singular gets
 * a small multiple of its diagonal added, so that the step still descends.
 */
export function minimiseNewton(
  objective: CurvedObjective,
  theta: Float64Array,
  options: NewtonOptions,
): { iterations: number; converged: boolean } {
  const size = theta.length;
  const { l1, tolerance } = options;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  const trial = new Float64Array(size);
  let value = objective(theta, gradient, hessian) + absolute(theta, l1);
  for (let iteration = 0; iteration < options.maxIterations; iteration++) {
    const steepest = steepestSlope(theta, gradient, l1);
    if (steepest <= tolerance) return { iterations: iteration, converged: true };
    options.onIteration(iteration);
    const step = l1 ? shrinkingStep(theta, gradient, hessian, l1) : smoothStep(gradient, hessian);
    let scale = 1;
    let lower = Number.NaN;
    for (let attempt = 0; attempt < 40; attempt++, scale /= 2) {
      for (let i = 0; i < size; i++) trial[i] = theta[i] + scale * step[i];
      lower = objective(trial, gradient, hessian) + absolute(trial, l1);
      if (lower <= value + 1e-15 * Math.abs(value)) break;
      lower = Number.NaN;
    }
    // No step lowers the value: it stands on its rounding floor, and only the slope can say how near the optimum is.
    if (Number.isNaN(lower)) return { iterations: iteration, converged: steepest <= 1e4 * tolerance };
    theta.set(trial);
    value = lower;
  }
  return { iterations: options.maxIterations, converged: steepestSlope(theta, gradient, l1) <= tolerance };
}

function absolute(theta: Float64Array, l1: Float64Array | undefined): number {
  let sum = 0;
  if (l1) for (let i = 0; i < theta.length; i++) sum += l1[i] * Math.abs(theta[i]);
  return sum;
}

/** Largest entry of the subgradient of least norm. */
function steepestSlope(theta: Float64Array, gradient: Float64Array, l1: Float64Array | undefined): number {
  let steepest = 0;
  for (let i = 0; i < theta.length; i++) {
    const limit = l1 ? l1[i] : 0;
    const slope =
      theta[i] === 0
        ? Math.max(0, Math.abs(gradient[i]) - limit)
        : Math.abs(gradient[i] + (theta[i] > 0 ? limit : -limit));
    steepest = Math.max(steepest, slope);
  }
  return steepest;
}

function smoothStep(gradient: Float64Array, hessian: Float64Array): Float64Array {
  const size = gradient.length;
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, hessian[i * size + i]);
  for (let damping = 0, attempt = 0; attempt < 12; attempt++) {
    const factor = hessian.slice();
    for (let i = 0; i < size; i++) factor[i * size + i] += damping * largest;
    const step = gradient.map((slope) => -slope);
    if (solveCholesky(factor, step) && step.every(Number.isFinite)) return step;
    damping = damping === 0 ? 1e-12 : 10 * damping;
  }
  return gradient.map((slope) => -slope / (largest || 1));
}

/** Minimises gradient·d + ½ dᵀHd + Σ λ|θ + d| by cyclic coordinate descent. */
function shrinkingStep(
  theta: Float64Array,
  gradient: Float64Array,
  hessian: Float64Array,
  l1: Float64Array,
): Float64Array {
  const size = theta.length;
  for (let i = 0; i < size; i++) for (let j = i + 1; j < size; j++) hessian[i * size + j] = hessian[j * size + i];
  const step = new Float64Array(size);
  const slope = gradient.slice();
  for (let sweep = 0; sweep < 10_000; sweep++) {
    let moved = 0;
    for (let i = 0; i < size; i++) {
      const curvature = hessian[i * size + i];
      if (!(curvature > 0)) continue;
      const at = theta[i] + step[i];
      const free = at - slope[i] / curvature;
      const size1 = Math.max(0, Math.abs(free) - l1[i] / curvature);
      const delta = (free < 0 ? -size1 : size1) - at;
      if (delta === 0) continue;
      step[i] += delta;
      for (let j = 0, row = i * size; j < size; j++) slope[j] += delta * hessian[row + j];
      moved = Math.max(moved, Math.abs(delta) * curvature);
    }
    if (moved <= 1e-13) break;
  }
  // A coordinate that the model sends to zero must arrive there exactly.
  for (let i = 0; i < size; i++) if (Math.abs(theta[i] + step[i]) < 1e-300) step[i] = -theta[i];
  return step;
}
