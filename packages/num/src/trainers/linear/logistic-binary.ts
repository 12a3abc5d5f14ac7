import { minimiseLbfgs } from '../../linalg/lbfgs.js';
import { selectMatrixRows } from '../../linalg/matrix.js';
import { type CurvedObjective, minimiseNewton, type NewtonOptions } from '../../linalg/proximal-newton.js';
import { singleThread } from '../../parallel/kernel-catalogue.js';
import { addChunks, chunkCount } from '../../parallel/row-chunks.js';
import { sharedBytes, shareFloat32, type ThreadPool } from '../../parallel/thread-pool.js';
import { type LogisticState, sumsLength } from './logistic-kernel.js';
import { type LogisticProblem, type LogisticSolution, rawSolution, SLOPE_TOLERANCE } from './logistic-problem.js';

/** Beyond this many features the Hessian costs more than the passes that L-BFGS needs in its place. */
const MOST_NEWTON_FEATURES = 256;

/** From this many rows on, every sixteenth row finds the start: two or three passes over all rows less. */
const FEWEST_ROWS_TO_SAMPLE = 32_768;
const SAMPLED = 16;

/** Fewer values are summed before a second thread has woken. */
const FEWEST_VALUES_TO_SHARE = 200_000;

/** Newton's method on chunks of rows: a handful of passes over the data, whatever the units of the features. */
export function solveBinary(problem: LogisticProblem): LogisticSolution {
  const { l1, maxIterations, onIteration, x } = problem;
  const p = x.featureCount;
  const theta = new Float64Array(p + 1);
  const curved = p <= MOST_NEWTON_FEATURES || l1 !== undefined;
  const worthIt = x.values.length >= FEWEST_VALUES_TO_SHARE;
  const pass = openPass(problem, curved, worthIt ? (problem.threads ?? singleThread) : singleThread);
  try {
    if (!curved) {
      const options = { maxIterations, gradientTolerance: SLOPE_TOLERANCE, onIteration };
      return rawSolution(theta, problem.scale, minimiseLbfgs(pass.objective, theta, options));
    }
    const limits = l1 && Float64Array.from({ length: p + 1 }, (_, f) => (f < p ? l1[f] : 0));
    const options = { l1: limits, maxIterations, tolerance: SLOPE_TOLERANCE, onIteration };
    if (x.rowCount >= FEWEST_ROWS_TO_SAMPLE) startFromSample(problem, theta, options);
    return rawSolution(theta, problem.scale, minimiseNewton(pass.objective, theta, options));
  } finally {
    pass.close();
  }
}

/** Moves `theta` to the optimum of the sampled rows; leaves it where these have none that is found in a few steps. */
function startFromSample(problem: LogisticProblem, theta: Float64Array, options: NewtonOptions): void {
  const { x, y, weights } = problem;
  const rows = Int32Array.from({ length: Math.floor(x.rowCount / SAMPLED) }, (_, i) => SAMPLED * i);
  const sample = {
    ...problem,
    x: selectMatrixRows(x, rows),
    y: Int32Array.from(rows, (row) => y[row]),
    weights: Float64Array.from(rows, (row) => weights[row]),
  };
  const totalWeight = sample.weights.reduce((sum, weight) => sum + weight, 0);
  if (totalWeight === 0) return;
  const found = new Float64Array(theta.length);
  const near = { ...options, maxIterations: 10, tolerance: 1e-6, onIteration: () => options.onIteration(0) };
  const { objective } = openPass({ ...sample, totalWeight }, true, singleThread);
  if (minimiseNewton(objective, found, near).converged) theta.set(found);
}

/** The objective: value, gradient and, when asked for, Hessian of mean loss + L2 penalty, by one walk over the rows. */
function openPass(
  problem: LogisticProblem,
  curved: boolean,
  threads: ThreadPool,
): { objective: CurvedObjective; close: () => void } {
  const { totalWeight, l2, fitIntercept } = problem;
  const p = l2.length;
  const width = p + 1;
  const state = shareProblem(problem, curved, threads);
  const stride = sumsLength(width, curved);
  const region = threads.open('logistic-loss', { ...state });
  const objective: CurvedObjective = (theta, gradient, hessian) => {
    state.theta.set(theta);
    state.next[0] = 0;
    region.run(hessian ? 1 : 0);
    const loss = new Float64Array(1);
    addChunks(state.partial, { stride, from: 0 }, loss);
    addChunks(state.partial, { stride, from: 1 }, gradient);
    if (hessian) addChunks(state.partial, { stride, from: 1 + width }, hessian);
    let penalty = 0;
    for (let f = 0; f < width; f++) gradient[f] /= totalWeight;
    if (hessian) for (let i = 0; i < hessian.length; i++) hessian[i] /= totalWeight;
    for (let f = 0; f < p; f++) {
      penalty += l2[f] * theta[f] * theta[f];
      gradient[f] += l2[f] * theta[f];
      if (hessian) hessian[f * width + f] += l2[f];
    }
    if (hessian && !fitIntercept) hessian[p * width + p] = 1;
    return loss[0] / totalWeight + penalty / 2;
  };
  return { objective, close: () => region.close() };
}

/** The problem where every thread can see it; one thread sees it where it is. */
function shareProblem(problem: LogisticProblem, curved: boolean, threads: ThreadPool): LogisticState {
  const { x, y, weights, scale, fitIntercept } = problem;
  const alone = threads.size < 2;
  const float64 = (length: number) => new Float64Array(sharedBytes(8 * length, threads));
  const sharedY = alone ? y : new Int32Array(sharedBytes(4 * y.length, threads));
  const sharedWeights = alone ? weights : float64(weights.length);
  if (!alone) {
    sharedY.set(y);
    sharedWeights.set(weights);
  }
  let equalWeights = true;
  for (let i = 1; i < weights.length; i++) if (weights[i] !== weights[0]) equalWeights = false;
  const width = x.featureCount + 1;
  const sums = sumsLength(width, curved);
  const chunks = chunkCount(sums);
  return {
    x: { ...x, values: shareFloat32(x.values, threads) },
    y: sharedY,
    weights: sharedWeights,
    equalWeights,
    scale,
    fitIntercept,
    theta: float64(width),
    chunks,
    partial: float64(chunks * sums),
    next: new Int32Array(sharedBytes(4, threads)),
  };
}
