import { addGram, BLOCK_ROWS, loadBlock, scaleBlockRows } from '../../linalg/column-block.js';
import { minimiseLbfgs } from '../../linalg/lbfgs.js';
import { minimiseNewton } from '../../linalg/proximal-newton.js';
import { type LogisticProblem, type LogisticSolution, rawSolution, SLOPE_TOLERANCE } from './logistic-problem.js';

/** Beyond this many features the Hessian costs more than the passes that L-BFGS needs in its place. */
const MOST_NEWTON_FEATURES = 256;

/** Newton's method on blocks of rows: a handful of passes over the data, whatever the units of the features. */
export function solveBinary(problem: LogisticProblem): LogisticSolution {
  const { l1, maxIterations, onIteration } = problem;
  const p = problem.x.featureCount;
  const theta = new Float64Array(p + 1);
  const pass = binaryPass(problem);
  if (p > MOST_NEWTON_FEATURES && !l1) {
    const options = { maxIterations, gradientTolerance: SLOPE_TOLERANCE, onIteration };
    return rawSolution(theta, problem.scale, minimiseLbfgs(pass, theta, options));
  }
  const limits = l1 && Float64Array.from({ length: p + 1 }, (_, f) => (f < p ? l1[f] : 0));
  const options = { l1: limits, maxIterations, tolerance: SLOPE_TOLERANCE, onIteration };
  return rawSolution(theta, problem.scale, minimiseNewton(pass, theta, options));
}

/** One walk over the rows: value, gradient and, when asked for, Hessian of mean loss + L2 penalty. */
function binaryPass(problem: LogisticProblem) {
  const { x, y, weights, totalWeight, scale, l2, fitIntercept } = problem;
  const p = x.featureCount;
  const width = p + 1;
  const block = new Float64Array(width * BLOCK_ROWS);
  const z = new Float64Array(BLOCK_ROWS);
  const root = new Float64Array(BLOCK_ROWS);

  /** Turns the margins of a block into residuals and roots of curvatures; returns its loss. */
  const lossOf = (start: number, rows: number): number => {
    let loss = 0;
    for (let i = 0; i < rows; i++) {
      const weight = weights[start + i];
      const own = y[start + i] === 1;
      const margin = own ? z[i] : -z[i];
      // One exponential for all three: e = exp(−|z|), so that nothing overflows.
      const e = Math.exp(margin > 0 ? -margin : margin);
      const small = e / (1 + e);
      loss += weight * (Math.log1p(e) + (margin > 0 ? 0 : -margin));
      const miss = margin > 0 ? small : 1 - small;
      z[i] = own ? -weight * miss : weight * miss;
      root[i] = Math.sqrt(weight * small * (1 - small));
    }
    return loss;
  };

  return (theta: Float64Array, gradient: Float64Array, hessian?: Float64Array): number => {
    gradient.fill(0);
    hessian?.fill(0);
    let loss = 0;
    for (let start = 0; start < x.rowCount; start += BLOCK_ROWS) {
      const rows = Math.min(BLOCK_ROWS, x.rowCount - start);
      loadBlock(x, { start, rows }, scale, block);
      block.fill(fitIntercept ? 1 : 0, p * BLOCK_ROWS);
      z.fill(0);
      for (let f = 0; f < width; f++) {
        const coefficient = theta[f];
        for (let i = 0, at = f * BLOCK_ROWS; i < rows; i++) z[i] += coefficient * block[at + i];
      }
      loss += lossOf(start, rows);
      for (let f = 0; f < width; f++) {
        let slope = 0;
        for (let i = 0, at = f * BLOCK_ROWS; i < rows; i++) slope += z[i] * block[at + i];
        gradient[f] += slope;
      }
      if (hessian) {
        scaleBlockRows(block, root, { width, rows });
        addGram(block, { width, rows }, hessian);
      }
    }
    let penalty = 0;
    for (let f = 0; f < width; f++) gradient[f] /= totalWeight;
    if (hessian) for (let i = 0; i < hessian.length; i++) hessian[i] /= totalWeight;
    for (let f = 0; f < p; f++) {
      penalty += l2[f] * theta[f] * theta[f];
      gradient[f] += l2[f] * theta[f];
      if (hessian) hessian[f * width + f] += l2[f];
    }
    if (hessian && !fitIntercept) hessian[p * width + p] = 1;
    return loss / totalWeight + penalty / 2;
  };
}
