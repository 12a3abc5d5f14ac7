import { checkLength, checkRange } from '../../checks.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { writeLinearSvc } from '../../onnx/onnx-svm.js';
import { kFold } from '../../random/folds.js';
import { createRng, type Rng } from '../../random/rng.js';
import { fitSigmoid, type Sigmoid } from '../calibration/platt-sigmoid.js';
import { sigmoidRows } from '../calibration/sigmoid-rows.js';
import { type ClassTargetOptions, prepareTargets } from '../class-targets.js';
import { type FitHooks, type FittedClassifierBase, throwIfStopped } from '../trainer-types.js';
import { type LinearSvcSolution, solveHinge, solveSquaredHinge } from './linear-svc-solver.js';
import { presentClasses } from './present-classes.js';
import { kernelRows } from './svm-kernel.js';

export interface LinearSvcOptions extends ClassTargetOptions, FitHooks {
  /** Inverse strength of the L2 penalty, > 0. Default 1. */
  readonly c?: number;
  /** Default 'squared_hinge' (Newton, exact); 'hinge' is solved by dual coordinate descent. */
  readonly loss?: 'squared_hinge' | 'hinge';
  /** Default true. */
  readonly fitIntercept?: boolean;
  /**
   * The intercept is the weight of a feature that always has this value, and so it is penalised, less the larger the
   * value: scikit-learn's and liblinear's convention. Default 1.
   */
  readonly interceptScaling?: number;
  /** Default 1e-4. */
  readonly tol?: number;
  /** Default 1000. */
  readonly maxIter?: number;
  /** Default 0. */
  readonly seed?: number;
  /**
   * True (default): Platt's sigmoid per class on decisions of five cross-validated fits. False: one slope for all on the
   * training rows; too sure of itself, but the most probable class is then always the one of the highest decision.
   */
  readonly probability?: boolean;
}

/** One line per class, or one (of class 1) when two classes were met. */
export interface FittedLinearSvc extends FittedClassifierBase {
  readonly kind: 'linear-svc';
  /** Row-major, lines × features. */
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
  readonly sigmoids: readonly Sigmoid[];
  readonly iterations: number;
  readonly converged: boolean;
  /** Row-major, rows × lines. */
  decisions(x: FeatureMatrix): Float64Array;
}

interface Lines {
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
  readonly solutions: readonly LinearSvcSolution[];
}

interface Problem {
  readonly x: FeatureMatrix;
  readonly y: Int32Array;
  readonly weights: Float64Array;
  /** Class that each line parts from the rest. */
  readonly codes: readonly number[];
  readonly options: LinearSvcOptions;
}

const FOLDS = 5;

/**
 * Linear support vector classification, each class against the rest: the coefficients of scikit-learn's LinearSVC with
 * an L2 penalty. Classes without a row get probability 0.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE; NUM_TOO_FEW when fewer than two classes have rows of weight.
 */
export function fitLinearSvc(x: FeatureMatrix, y: Int32Array, options: LinearSvcOptions = {}): FittedLinearSvc {
  const { seed = 0, probability = true, onProgress } = options;
  checkMatrix('x', x);
  const { classCount, weights } = prepareTargets(y, x.rowCount, options);
  checkOptions(options);
  const rng = createRng(seed);
  const present = presentClasses(y, weights, classCount);
  const codes = present.length === 2 ? present.slice(1) : present;
  onProgress?.(0);
  const problem = { x, y, weights, codes, options };
  const lines = fitLines(problem, rng.fork('all'));
  onProgress?.(probability ? 1 / (FOLDS + 1) : 1);
  const decisions = probability ? foldDecisions(problem, rng) : lineDecisions(lines, x);
  const sigmoids = lineSigmoids(problem, decisions, probability);
  onProgress?.(1);
  const vote = { classCount, present, sigmoids };
  return Object.freeze({
    kind: 'linear-svc' as const,
    task: 'classification' as const,
    featureCount: x.featureCount,
    classCount,
    coefficients: lines.coefficients,
    intercepts: lines.intercepts,
    sigmoids: Object.freeze(sigmoids),
    iterations: lines.solutions.reduce((sum, solution) => sum + solution.iterations, 0),
    converged: lines.solutions.every((solution) => solution.converged),
    decisions: (rows: FeatureMatrix) => lineDecisions(lines, rows),
    predictProbabilities: (rows: FeatureMatrix) => sigmoidRows(lineDecisions(lines, rows), vote),
    writeOnnx: (graph: OnnxGraph, features: string) =>
      writeLinearSvc(graph, { ...lines, vote, featureCount: x.featureCount }, features),
  });
}

function checkOptions(options: LinearSvcOptions): void {
  const { c = 1, interceptScaling = 1, tol = 1e-4, maxIter = 1000 } = options;
  checkRange('c', c, { min: Number.MIN_VALUE, max: Number.MAX_VALUE });
  checkRange('interceptScaling', interceptScaling, { min: Number.MIN_VALUE, max: 1e9 });
  checkRange('tol', tol, { min: 1e-12, max: 1e3 });
  checkRange('maxIter', maxIter, { min: 1, integer: true });
}

function fitLines({ x, y, weights, codes, options }: Problem, rng: Rng): Lines {
  const { c = 1, loss = 'squared_hinge', fitIntercept = true, interceptScaling = 1, tol = 1e-4 } = options;
  const used = Int32Array.from({ length: y.length }, (_, i) => i).filter((i) => weights[i] > 0);
  const features = x.featureCount;
  const width = features + Number(fitIntercept);
  const plain = kernelRows(x, used).values;
  const values = new Float64Array(used.length * width).fill(interceptScaling);
  for (let i = 0; i < used.length; i++) values.set(plain.subarray(i * features, (i + 1) * features), i * width);
  const coefficients = new Float64Array(codes.length * features);
  const intercepts = new Float64Array(codes.length);
  const solutions = codes.map((code, line) => {
    const problem = {
      values,
      width,
      signs: Int8Array.from(used, (row) => (y[row] === code ? 1 : -1)),
      costs: Float64Array.from(used, (row) => c * weights[row]),
      tolerance: tol,
      maxIterations: options.maxIter ?? 1000,
      onIteration: () => throwIfStopped(options.signal),
    };
    const solved = loss === 'hinge' ? solveHinge(problem, rng.fork(code)) : solveSquaredHinge(problem);
    coefficients.set(solved.weights.subarray(0, features), line * features);
    if (fitIntercept) intercepts[line] = solved.weights[features] * interceptScaling;
    return solved;
  });
  return { coefficients, intercepts, solutions };
}

function lineDecisions({ coefficients, intercepts }: Lines, x: FeatureMatrix): Float64Array {
  checkMatrix('x', x);
  const lines = intercepts.length;
  const features = coefficients.length / lines;
  checkLength('x.featureCount', x.featureCount, features);
  const out = new Float64Array(x.rowCount * lines);
  for (let i = 0; i < x.rowCount; i++) {
    for (let line = 0; line < lines; line++) {
      let sum = intercepts[line];
      for (let f = 0; f < features; f++) sum += coefficients[line * features + f] * x.values[f * x.rowCount + i];
      out[i * lines + line] = sum;
    }
  }
  return out;
}

/** Decisions of every row by lines that have not seen it. With fewer rows than folds: of the training rows. */
function foldDecisions(problem: Problem, rng: Rng): Float64Array {
  const { x, codes, weights, options } = problem;
  const lines = codes.length;
  const out = new Float64Array(x.rowCount * lines);
  if (x.rowCount < FOLDS) return lineDecisions(fitLines(problem, rng.fork('few')), x);
  kFold(x.rowCount, FOLDS, rng.fork('folds')).forEach(({ train, test }, fold) => {
    throwIfStopped(options.signal);
    const without = new Float64Array(x.rowCount);
    for (const row of train) without[row] = weights[row];
    const decisions = lineDecisions(fitLines({ ...problem, weights: without }, rng.fork(fold)), x);
    for (const row of test) out.set(decisions.subarray(row * lines, (row + 1) * lines), row * lines);
    options.onProgress?.((fold + 2) / (FOLDS + 1));
  });
  return out;
}

/** One sigmoid per line; without cross-validation all have one slope through zero, which keeps their order. */
function lineSigmoids({ y, codes, weights }: Problem, decisions: Float64Array, separate: boolean): Sigmoid[] {
  const lines = codes.length;
  const positive = Uint8Array.from(decisions, (_, at) => Number(y[Math.floor(at / lines)] === codes[at % lines]));
  const spread = Float64Array.from(decisions, (_, at) => weights[Math.floor(at / lines)]);
  if (!separate) {
    const { slope } = fitSigmoid(decisions, positive, { weights: spread, throughZero: true });
    return codes.map(() => ({ slope: Math.min(slope, -1e-9), intercept: 0 }));
  }
  return codes.map((_, line) =>
    fitSigmoid(
      decisions.filter((_, at) => at % lines === line),
      positive.filter((_, at) => at % lines === line),
      { weights: spread.filter((_, at) => at % lines === line) },
    ),
  );
}
