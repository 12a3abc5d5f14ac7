import { addGram, BLOCK_ROWS, loadBlock, mirrorLower } from '../../linalg/column-block.js';
import { minimiseLbfgs } from '../../linalg/lbfgs.js';
import { minimiseNewton } from '../../linalg/proximal-newton.js';
import { type LogisticProblem, type LogisticSolution, rawSolution, SLOPE_TOLERANCE } from './logistic-problem.js';

/** Up to this many unknowns Newton is quicker than L-BFGS, which needs ten times as many passes. */
const MOST_NEWTON_UNKNOWNS = 100;

/**
 * Softmax regression over all K classes: Newton, or L-BFGS when there are many unknowns and no L1 part. The intercepts are
 * not penalised, but only their differences matter: ½(their mean)² is added, which pins their sum to zero and makes
 * the Hessian regular.
 */
export function solveMultinomial(problem: LogisticProblem): LogisticSolution {
  const { classCount, l1, maxIterations, onIteration } = problem;
  const width = problem.x.featureCount + 1;
  const theta = new Float64Array(classCount * width);
  const pass = multinomialPass(problem);
  if (theta.length > MOST_NEWTON_UNKNOWNS && !l1) {
    const options = { maxIterations, gradientTolerance: SLOPE_TOLERANCE, onIteration };
    return centred(rawSolution(theta, problem.scale, minimiseLbfgs(pass, theta, options)), problem);
  }
  const limits =
    l1 && Float64Array.from({ length: theta.length }, (_, i) => (i % width < width - 1 ? l1[i % width] : 0));
  const options = { l1: limits, maxIterations, tolerance: SLOPE_TOLERANCE, onIteration };
  return centred(rawSolution(theta, problem.scale, minimiseNewton(pass, theta, options)), problem);
}

/**
 * Adding one number to a feature's coefficients of all classes, or to all intercepts, changes no probability. L2 alone
 * wants their sum to be zero, but so weakly for a feature of large numbers that no tolerance would find it.
 */
function centred(solution: LogisticSolution, { classCount, l1, fitIntercept }: LogisticProblem): LogisticSolution {
  if (!l1) subtractMeans(solution.coefficients, classCount);
  if (fitIntercept) subtractMeans(solution.intercepts, classCount);
  return solution;
}

/** Makes the sum over the classes zero in each column of row-major classCount × width. */
function subtractMeans(values: Float64Array, classCount: number): void {
  const width = values.length / classCount;
  for (let f = 0; f < width; f++) {
    let sum = 0;
    for (let k = 0; k < classCount; k++) sum += values[k * width + f];
    for (let k = 0; k < classCount; k++) values[k * width + f] -= sum / classCount;
  }
}

interface Working {
  readonly block: Float64Array;
  /** Class-major probabilities of the block's rows, then residuals. */
  readonly z: Float64Array;
  readonly weighted: Float64Array;
  readonly part: Float64Array;
}

/** One walk over the rows: value, gradient and, when asked for, Hessian of mean loss + L2 penalty. */
function multinomialPass(problem: LogisticProblem) {
  const { x, classCount, totalWeight, scale, fitIntercept } = problem;
  const p = x.featureCount;
  const width = p + 1;
  const work: Working = {
    block: new Float64Array(width * BLOCK_ROWS),
    z: new Float64Array(classCount * BLOCK_ROWS),
    weighted: new Float64Array(width * BLOCK_ROWS),
    part: new Float64Array(width * width),
  };
  return (theta: Float64Array, gradient: Float64Array, hessian?: Float64Array): number => {
    gradient.fill(0);
    hessian?.fill(0);
    let loss = 0;
    for (let start = 0; start < x.rowCount; start += BLOCK_ROWS) {
      const span = { start, rows: Math.min(BLOCK_ROWS, x.rowCount - start) };
      loadBlock(x, span, scale, work.block);
      work.block.fill(fitIntercept ? 1 : 0, p * BLOCK_ROWS);
      fillLogits(theta, work, { width, rows: span.rows, classCount });
      loss += softmax(problem, work.z, span);
      if (hessian) addCurvature(problem, work, span, hessian);
      addSlopes(problem, work, span, gradient);
    }
    for (let i = 0; i < gradient.length; i++) gradient[i] /= totalWeight;
    if (hessian) for (let i = 0; i < hessian.length; i++) hessian[i] /= totalWeight;
    return loss / totalWeight + addPenalty(problem, theta, gradient, hessian);
  };
}

function fillLogits(
  theta: Float64Array,
  { block, z }: Working,
  span: { width: number; rows: number; classCount: number },
): void {
  z.fill(0);
  for (let k = 0; k < span.classCount; k++) {
    const to = k * BLOCK_ROWS;
    for (let f = 0; f < span.width; f++) {
      const coefficient = theta[k * span.width + f];
      for (let i = 0, at = f * BLOCK_ROWS; i < span.rows; i++) z[to + i] += coefficient * block[at + i];
    }
  }
}

/** Turns logits into probabilities and returns the weighted log loss. */
function softmax(problem: LogisticProblem, z: Float64Array, span: { start: number; rows: number }): number {
  const { y, weights, classCount } = problem;
  let loss = 0;
  for (let i = 0; i < span.rows; i++) {
    let max = z[i];
    for (let k = 1; k < classCount; k++) max = Math.max(max, z[k * BLOCK_ROWS + i]);
    const own = z[y[span.start + i] * BLOCK_ROWS + i];
    let sum = 0;
    for (let k = 0; k < classCount; k++) {
      const e = Math.exp(z[k * BLOCK_ROWS + i] - max);
      z[k * BLOCK_ROWS + i] = e;
      sum += e;
    }
    loss += weights[span.start + i] * (max + Math.log(sum) - own);
    for (let k = 0; k < classCount; k++) z[k * BLOCK_ROWS + i] /= sum;
  }
  return loss;
}

/** Σ w·(p − 1[y = k])·x; `z` holds probabilities and becomes residuals. */
function addSlopes(
  { y, weights, classCount, x }: LogisticProblem,
  { block, z }: Working,
  { start, rows }: { start: number; rows: number },
  gradient: Float64Array,
): void {
  const width = x.featureCount + 1;
  for (let i = 0; i < rows; i++) z[y[start + i] * BLOCK_ROWS + i] -= 1;
  for (let k = 0; k < classCount; k++) {
    const from = k * BLOCK_ROWS;
    for (let i = 0; i < rows; i++) z[from + i] *= weights[start + i];
    for (let f = 0; f < width; f++) {
      let slope = 0;
      for (let i = 0, at = f * BLOCK_ROWS; i < rows; i++) slope += z[from + i] * block[at + i];
      gradient[k * width + f] += slope;
    }
  }
}

/**
 * Σ w·(p_k·1[k = l] − p_k·p_l)·x·xᵀ for l ≤ k, as √ of a non-negative weight times the block, so that the symmetric
 * kernel serves: −p_k·p_l off the diagonal, p_k·(1 − p_k) on it.
 */
function addCurvature(
  { weights, classCount, x }: LogisticProblem,
  { block, z, weighted, part }: Working,
  { start, rows }: { start: number; rows: number },
  hessian: Float64Array,
): void {
  const width = x.featureCount + 1;
  const size = classCount * width;
  for (let k = 0; k < classCount; k++) {
    for (let l = 0; l <= k; l++) {
      for (let f = 0; f < width; f++) {
        const at = f * BLOCK_ROWS;
        for (let i = 0; i < rows; i++) {
          const pk = z[k * BLOCK_ROWS + i];
          const share = l === k ? pk * (1 - pk) : pk * z[l * BLOCK_ROWS + i];
          weighted[at + i] = block[at + i] * Math.sqrt(weights[start + i] * share);
        }
      }
      part.fill(0);
      addGram(weighted, { width, rows }, part);
      mirrorLower(part, width);
      const sign = l === k ? 1 : -1;
      for (let f = 0; f < width; f++) {
        const to = (k * width + f) * size + l * width;
        for (let g = 0; g < width; g++) hessian[to + g] += sign * part[f * width + g];
      }
    }
  }
}

/** Adds ½ Σ l2·θ² and the pin of the intercepts; returns their value. */
function addPenalty(
  { classCount, l2, fitIntercept }: LogisticProblem,
  theta: Float64Array,
  gradient: Float64Array,
  hessian: Float64Array | undefined,
): number {
  const p = l2.length;
  const width = p + 1;
  const size = theta.length;
  let penalty = 0;
  let sum = 0;
  for (let k = 0; k < classCount; k++) {
    sum += theta[k * width + p];
    for (let f = 0; f < p; f++) {
      const i = k * width + f;
      penalty += l2[f] * theta[i] * theta[i];
      gradient[i] += l2[f] * theta[i];
      if (hessian) hessian[i * size + i] += l2[f];
    }
  }
  const mean = sum / classCount;
  for (let k = 0; k < classCount; k++) {
    gradient[k * width + p] += mean / classCount;
    if (!hessian) continue;
    // Without an intercept its column is empty; this keeps the Hessian regular and the unknown at zero.
    if (!fitIntercept) hessian[(k * width + p) * (size + 1)] += 1;
    for (let l = 0; l < classCount; l++)
      hessian[(k * width + p) * size + l * width + p] += 1 / (classCount * classCount);
  }
  return penalty / 2 + (mean * mean) / 2;
}
