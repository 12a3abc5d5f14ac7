import { type FeatureMatrix, selectMatrixRows } from '../../linalg/matrix.js';
import type { Rng } from '../../random/rng.js';
import { range } from '../../random/split.js';
import { fitSigmoid, type Sigmoid } from '../calibration/platt-sigmoid.js';
import { createKernelCache } from './kernel-cache.js';
import type { SmoMemory } from './smo-memory.js';
import { solveSmo } from './smo-solver.js';
import { kernelRows } from './svm-kernel.js';
import { buildMachine, machineDecisions } from './svm-machine.js';
import type { SvmSettings } from './svm-options.js';

/** Two classes against each other: rows of the first (+1), then rows of the second (−1), each in their order. */
export interface PairProblem {
  readonly x: FeatureMatrix;
  readonly rows: Int32Array;
  readonly signs: Int8Array;
  /** One weight > 0 per row: its C is settings.c times that. */
  readonly weights: Float64Array;
  readonly settings: SvmSettings;
  readonly onIteration: () => void;
  /** With room for these rows. */
  readonly memory: SmoMemory;
}

export interface PairSolution {
  /** Sign times multiplier per row. */
  readonly duals: Float64Array;
  readonly rho: number;
  readonly iterations: number;
  readonly converged: boolean;
  /** Decision value of each row itself. */
  readonly decisions: Float64Array;
}

export function solvePair(problem: PairProblem): PairSolution {
  const { x, rows, signs, weights, settings, onIteration, memory } = problem;
  const solved = solveSmo({
    kernel: createKernelCache(settings.kernel, { x, rows }, memory),
    memory,
    signs,
    linear: Float64Array.from(signs, (sign) => -sign),
    bounds: weights.map((weight) => weight * settings.c),
    tolerance: settings.tolerance,
    shrinking: settings.shrinking,
    maxIterations: settings.maxIterations,
    onIteration,
  });
  return {
    duals: solved.alpha.map((alpha, i) => (alpha === 0 ? 0 : alpha * signs[i])),
    rho: solved.rho,
    iterations: solved.iterations,
    converged: solved.converged,
    decisions: solved.gradient.map((value, i) => value + signs[i] - solved.rho),
  };
}

const FOLDS = 5;

/**
 * Platt's sigmoid on decision values that each come from a machine which has not seen the row: five folds of shuffled
 * rows, as libsvm's svm_binary_svc_probability. `onFold` is called after each. Unlike libsvm, rows count by their weight.
 */
export function crossValidatedSigmoid(problem: PairProblem, rng: Rng, onFold: (fold: number) => void): Sigmoid {
  const count = problem.rows.length;
  const order = rng.shuffle(range(count));
  const decisions = new Float64Array(count);
  for (let fold = 0; fold < FOLDS; fold++) {
    const from = Math.floor((fold * count) / FOLDS);
    const to = Math.floor(((fold + 1) * count) / FOLDS);
    const test = order.slice(from, to).sort();
    const held = new Uint8Array(count);
    for (const i of test) held[i] = 1;
    const train = range(count).filter((i) => !held[i]);
    foldDecisions(problem, { train, test, decisions });
    onFold(fold);
  }
  const positive = Uint8Array.from(problem.signs, (sign) => Number(sign > 0));
  return fitSigmoid(decisions, positive, { weights: problem.weights });
}

/** With one class only in the training part the decision is that class; with none it is 0. */
function foldDecisions(
  problem: PairProblem,
  fold: { train: Int32Array; test: Int32Array; decisions: Float64Array },
): void {
  const { x, rows, settings } = problem;
  const { train, test, decisions } = fold;
  const signs = Int8Array.from(train, (i) => problem.signs[i]);
  if (!signs.includes(1) || !signs.includes(-1)) {
    for (const i of test) decisions[i] = signs.length > 0 ? signs[0] : 0;
    return;
  }
  const own = Int32Array.from(train, (i) => rows[i]);
  const weights = Float64Array.from(train, (i) => problem.weights[i]);
  const solved = solvePair({ ...problem, rows: own, signs, weights });
  const machine = buildMachine({
    kernel: settings.kernel,
    rows: kernelRows(x, own),
    duals: [solved.duals],
    rho: Float64Array.of(solved.rho),
  });
  const asked = Int32Array.from(test, (i) => rows[i]);
  const decided = machineDecisions(machine, selectMatrixRows(x, asked));
  for (let t = 0; t < test.length; t++) decisions[test[t]] = decided[t];
}
