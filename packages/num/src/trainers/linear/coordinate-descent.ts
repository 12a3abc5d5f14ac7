import { addGram, BLOCK_ROWS, loadBlock, mirrorLower, scaleBlockRows } from '../../linalg/column-block.js';
import type { CentredProblem } from './linear-regressor.js';

export interface ElasticPenalty {
  /** Of Σ|b|, already multiplied by the rows. */
  readonly l1: number;
  /** Of ½‖b‖², already multiplied by the rows. */
  readonly l2: number;
}

/** Where a descent stands: it can be asked for x_f·residual and told that a coefficient has moved. */
interface Residual {
  slope(f: number): number;
  move(f: number, delta: number): void;
  /** ‖residual‖² and residual·y. */
  sums(coefficients: Float64Array): { squares: number; alongTarget: number };
  readonly norms: Float64Array;
  readonly targetSquares: number;
}

/** Beyond this many features their inner products no longer fit a fast cache (32 MB). */
const MOST_GRAM_FEATURES = 2048;

/** Weights are normalised to a mean of 1, as scikit-learn's Lasso does. */
export function residualOf(problem: CentredProblem): Residual {
  const { x, weights } = problem;
  let total = 0;
  if (weights) for (let i = 0; i < weights.length; i++) total += weights[i];
  const mean = weights ? weights.map((weight) => (weight * x.rowCount) / total) : undefined;
  const normal = { ...problem, weights: mean };
  return x.featureCount <= Math.min(x.rowCount, MOST_GRAM_FEATURES) ? gramResidual(normal) : rowResidual(normal);
}

/** Keeps q − G·b: a step costs one addition per feature, whatever the rows. */
function gramResidual({ x, y, weights, scale }: CentredProblem): Residual {
  const p = x.featureCount;
  const width = p + 1;
  const plain = { centre: scale.centre, factor: new Float64Array(p).fill(1) };
  const block = new Float64Array(width * BLOCK_ROWS);
  const roots = new Float64Array(BLOCK_ROWS);
  const gram = new Float64Array(width * width);
  for (let start = 0; start < x.rowCount; start += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, x.rowCount - start);
    loadBlock(x, { start, rows }, plain, block);
    block.set(y.subarray(start, start + rows), p * BLOCK_ROWS);
    if (weights) {
      for (let i = 0; i < rows; i++) roots[i] = Math.sqrt(weights[start + i]);
      scaleBlockRows(block, roots, { width, rows });
    }
    addGram(block, { width, rows }, gram);
  }
  mirrorLower(gram, width);
  const target = gram.slice(p * width, p * width + p);
  const slopes = target.slice();
  const targetSquares = gram[p * width + p];
  return {
    norms: Float64Array.from({ length: p }, (_, f) => gram[f * width + f]),
    targetSquares,
    slope: (f) => slopes[f],
    move: (f, delta) => {
      for (let g = 0, at = f * width; g < p; g++) slopes[g] -= delta * gram[at + g];
    },
    sums: (b) => {
      let explained = 0;
      let both = 0;
      for (let f = 0; f < p; f++) {
        explained += b[f] * target[f];
        both += b[f] * (target[f] + slopes[f]);
      }
      return { squares: Math.max(0, targetSquares - both), alongTarget: targetSquares - explained };
    },
  };
}

/** Keeps w∘residual row by row, for more features than rows. */
function rowResidual({ x, y, weights, scale }: CentredProblem): Residual {
  const { rowCount: n, featureCount: p, values } = x;
  const weight = weights ?? new Float64Array(n).fill(1);
  const residual = y.map((value, i) => value * weight[i]);
  const norms = new Float64Array(p);
  for (let f = 0; f < p; f++) {
    for (let i = 0; i < n; i++) norms[f] += weight[i] * (values[f * n + i] - scale.centre[f]) ** 2;
  }
  return {
    norms,
    targetSquares: y.reduce((sum, value, i) => sum + weight[i] * value * value, 0),
    slope: (f) => {
      const centre = scale.centre[f];
      let sum = 0;
      for (let i = 0, at = f * n; i < n; i++) sum += (values[at + i] - centre) * residual[i];
      return sum;
    },
    move: (f, delta) => {
      const centre = scale.centre[f];
      for (let i = 0, at = f * n; i < n; i++) residual[i] -= delta * weight[i] * (values[at + i] - centre);
    },
    sums: () => {
      let squares = 0;
      let alongTarget = 0;
      for (let i = 0; i < n; i++) {
        if (weight[i] > 0) squares += (residual[i] * residual[i]) / weight[i];
        alongTarget += residual[i] * y[i];
      }
      return { squares, alongTarget };
    },
  };
}

/**
 * Cyclic coordinate descent on ½‖y − Xb‖² + l1·Σ|b| + ½·l2·‖b‖² (Friedman, Hastie & Tibshirani 2010). Stops, as
 * scikit-learn does, when no coefficient has moved by more than `tol` of the largest and the duality gap is at most
 * tol · ‖y‖².
 */
export function descendCoordinates(
  residual: Residual,
  penalty: ElasticPenalty,
  settings: { maxIter: number; tol: number; onSweep: (sweep: number) => void },
): { coefficients: Float64Array; iterations: number; converged: boolean; dualGap: number } {
  const b = new Float64Array(residual.norms.length);
  const enough = settings.tol * residual.targetSquares;
  let dualGap = Number.POSITIVE_INFINITY;
  for (let sweep = 1; sweep <= settings.maxIter; sweep++) {
    settings.onSweep(sweep);
    let largest = 0;
    let largestStep = 0;
    for (let f = 0; f < b.length; f++) {
      const norm = residual.norms[f];
      if (norm === 0) continue;
      const pull = residual.slope(f) + b[f] * norm;
      const size = Math.max(0, Math.abs(pull) - penalty.l1) / (norm + penalty.l2);
      const step = (pull < 0 ? -size : size) - b[f];
      if (step !== 0) {
        b[f] += step;
        residual.move(f, step);
      }
      largest = Math.max(largest, Math.abs(b[f]));
      largestStep = Math.max(largestStep, Math.abs(step));
    }
    if (largestStep > settings.tol * largest && sweep < settings.maxIter) continue;
    dualGap = gapAt(residual, b, penalty);
    if (dualGap <= enough) return { coefficients: b, iterations: sweep, converged: true, dualGap };
  }
  return { coefficients: b, iterations: settings.maxIter, converged: false, dualGap };
}

/** What the value can still fall by, at most: the distance to a feasible point of the dual. */
function gapAt(residual: Residual, b: Float64Array, { l1, l2 }: ElasticPenalty): number {
  let steepest = 0;
  let sizes = 0;
  let squaresOfB = 0;
  for (let f = 0; f < b.length; f++) {
    steepest = Math.max(steepest, Math.abs(residual.slope(f) - l2 * b[f]));
    sizes += Math.abs(b[f]);
    squaresOfB += b[f] * b[f];
  }
  const { squares, alongTarget } = residual.sums(b);
  const shrink = steepest > l1 ? l1 / steepest : 1;
  const gap = 0.5 * squares * (1 + shrink * shrink) + l1 * sizes - shrink * alongTarget;
  return gap + 0.5 * l2 * (1 + shrink * shrink) * squaresOfB;
}
