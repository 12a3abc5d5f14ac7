import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { writeSvc } from '../../onnx/onnx-svm.js';
import { createRng } from '../../random/rng.js';
import { fitSigmoid, type Sigmoid } from '../calibration/platt-sigmoid.js';
import { type ClassTargetOptions, prepareTargets } from '../class-targets.js';
import { type FitHooks, type FittedClassifierBase, throwIfStopped } from '../trainer-types.js';
import { pairProbabilities } from './pair-probabilities.js';
import { presentClasses } from './present-classes.js';
import type { SmoSize } from './smo-memory.js';
import { withSmoMemory } from './spare-memory.js';
import { crossValidatedSigmoid, type PairProblem, type PairSolution, solvePair } from './svc-pair.js';
import { kernelRows } from './svm-kernel.js';
import { buildMachine, machineDecisions } from './svm-machine.js';
import { type SvmOptions, svmSettings } from './svm-options.js';

export interface SvcOptions extends SvmOptions, ClassTargetOptions, FitHooks {
  /** Of the shuffle for probabilities. Default 0. */
  readonly seed?: number;
  /**
   * True (default): Platt's sigmoids on five-fold cross-validated decisions, which costs five more fits per pair of
   * classes; as in scikit-learn, the most probable class may then differ from the one that wins the votes. False: on
   * the decisions of the training rows and without intercept; probabilities are then too sure of themselves, but the
   * fit is one fit and the most probable class is always the one of the decision (two classes) or the votes (more).
   */
  readonly probability?: boolean;
}

export interface FittedSvc extends FittedClassifierBase {
  readonly kind: 'svc';
  readonly gamma: number;
  /** Rows that carry the decision, ascending. */
  readonly supportRows: Int32Array;
  /** One per pair (0,1), (0,2), …, (1,2), … of the classes that were met; above 0 speaks for the first of the pair. */
  decisions(x: FeatureMatrix): Float64Array;
  readonly rho: Float64Array;
  readonly sigmoids: readonly Sigmoid[];
  readonly iterations: number;
  /** False when the iterations ran out. */
  readonly converged: boolean;
}

/**
 * C-support vector classification, one machine per pair of classes: the support vectors and decision values of libsvm
 * and so of scikit-learn's SVC. Weights multiply C; class weights 'balanced' count rows by their sample weight.
 * Classes without a row get probability 0.
 *
 * @param x feature-major matrix of finite values; standardise it, kernels are not scale-free.
 * @param y class codes 0..K−1, one per row.
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE; NUM_TOO_FEW when fewer than two classes have rows of weight.
 */
export function fitSvc(x: FeatureMatrix, y: Int32Array, options: SvcOptions = {}): FittedSvc {
  const { seed = 0, probability = true, signal, onProgress } = options;
  checkMatrix('x', x);
  const { classCount, weights } = prepareTargets(y, x.rowCount, options);
  const settings = svmSettings(options, x);
  const rng = createRng(seed);
  const present = presentClasses(y, weights, classCount);
  const pairs = pairsOf(present);
  const rounds = pairs.length * (probability ? 6 : 1);
  let done = 0;
  const advance = (): void => {
    throwIfStopped(signal);
    onProgress?.(Math.min(done++ / rounds, 1));
  };
  advance();
  const problems = pairs.map((pair) => pairRows(y, weights, pair));
  const size: SmoSize = {
    rows: problems.reduce((most, { rows }) => Math.max(most, rows.length), 0),
    width: x.featureCount,
    variablesPerRow: 1,
    cacheSizeMb: settings.cacheSizeMb,
  };
  const solutions: PairSolution[] = [];
  const sigmoids: Sigmoid[] = [];
  const duals: Float64Array[] = [];
  withSmoMemory(size, (memory) => {
    for (const [number, pair] of pairs.entries()) {
      throwIfStopped(signal);
      const problem = { x, settings, memory, onIteration: () => throwIfStopped(signal), ...problems[number] };
      const solved = solvePair(problem);
      solutions.push(solved);
      const dual = new Float64Array(x.rowCount);
      for (let i = 0; i < problem.rows.length; i++) dual[problem.rows[i]] = solved.duals[i];
      duals.push(dual);
      if (probability) {
        advance();
        sigmoids.push(crossValidatedSigmoid(problem, rng.fork(`platt ${pair.join()}`), advance));
      } else {
        sigmoids.push(trainingSigmoid(problem, solved));
        advance();
      }
    }
  });
  const rho = Float64Array.from(solutions, (solution) => solution.rho);
  const machine = buildMachine({ kernel: settings.kernel, rows: kernelRows(x), duals, rho });
  const vote = { classCount, present, sigmoids, followVotes: !probability };
  onProgress?.(1);
  return Object.freeze({
    kind: 'svc' as const,
    task: 'classification' as const,
    featureCount: x.featureCount,
    classCount,
    gamma: settings.kernel.gamma,
    supportRows: machine.supportRows,
    rho,
    sigmoids: Object.freeze(sigmoids),
    iterations: solutions.reduce((sum, solution) => sum + solution.iterations, 0),
    converged: solutions.every((solution) => solution.converged),
    decisions: (rows: FeatureMatrix) => machineDecisions(machine, rows),
    predictProbabilities: (rows: FeatureMatrix) => pairProbabilities(machineDecisions(machine, rows), vote),
    writeOnnx: (graph: OnnxGraph, features: string) => writeSvc(graph, { machine, vote }, features),
  });
}

function trainingSigmoid({ signs, weights }: PairProblem, { decisions }: PairSolution): Sigmoid {
  const positive = Uint8Array.from(signs, (sign) => Number(sign > 0));
  const { slope } = fitSigmoid(decisions, positive, { weights, throughZero: true });
  // A machine worse than chance on its own rows would turn the sign round: then say nothing instead.
  return { slope: Math.min(slope, -1e-9), intercept: 0 };
}

function pairsOf(present: readonly number[]): [number, number][] {
  return present.flatMap((first, i) => present.slice(i + 1).map((second): [number, number] => [first, second]));
}

function pairRows(
  y: Int32Array,
  weights: Float64Array,
  [first, second]: readonly [number, number],
): Pick<PairProblem, 'rows' | 'signs' | 'weights'> {
  const rowsOf = (code: number) =>
    Array.from({ length: y.length }, (_, i) => i).filter((i) => y[i] === code && weights[i] > 0);
  const rows = Int32Array.from([...rowsOf(first), ...rowsOf(second)]);
  return {
    rows,
    signs: Int8Array.from(rows, (row) => (y[row] === first ? 1 : -1)),
    weights: Float64Array.from(rows, (row) => weights[row]),
  };
}
