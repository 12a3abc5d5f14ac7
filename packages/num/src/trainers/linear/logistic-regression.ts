import { checkLength, checkRange } from '../../checks.js';
import { columnScale } from '../../linalg/column-block.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { writeLogistic } from '../../onnx/onnx-logistic.js';
import { type ClassTargetOptions, prepareTargets } from '../class-targets.js';
import { type FitHooks, type FittedClassifierBase, throwIfStopped } from '../trainer-types.js';
import { solveBinary } from './logistic-binary.js';
import { solveMultinomial } from './logistic-multinomial.js';

export interface LogisticRegressionOptions extends ClassTargetOptions, FitHooks {
  /** Inverse strength of the penalty, > 0; Infinity is no penalty. Default 1. The intercept is never penalised. */
  readonly c?: number;
  /** Share of the absolute values in the penalty: 0 (default) is L2, 1 is L1, which leaves features out. */
  readonly l1Ratio?: number;
  /** The older way to say it: 'l2' is l1Ratio 0, 'l1' is 1, 'elasticnet' takes l1Ratio (0.5 unless given), 'none' is c Infinity. */
  readonly penalty?: 'l2' | 'l1' | 'elasticnet' | 'none';
  /** Default true. */
  readonly fitIntercept?: boolean;
  /** Default 100; 5000 where L-BFGS is used (many features or classes). */
  readonly maxIter?: number;
}

export interface FittedLogisticRegression extends FittedClassifierBase {
  readonly kind: 'logistic-regression';
  /** Row-major: one row of featureCount per class, or a single row (of class 1) when there are two classes. */
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
  readonly iterations: number;
  /** False when the iterations ran out: the classes can be told apart without error and nothing holds the coefficients back, or maxIter is too low. */
  readonly converged: boolean;
}

/**
 * Logistic regression: minimises C · Σ wᵢ·loglossᵢ + (1 − l1Ratio)/2 · ‖b‖² + l1Ratio · Σ|b|, to the coefficients that
 * scikit-learn's LogisticRegression has at tol → 0. Two classes are one line, more are a softmax. The solver standardises
 * the features inside, so that their units do not slow it; the penalty is of the raw coefficients all the same, and is not
 * scale-free.
 *
 * Memory beside x: 8 bytes per row. Cost: about eight passes of rows · features² / 2.
 *
 * @param x feature-major matrix of finite values.
 * @param y class codes 0..K−1, one per row; every class must occur.
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW (a class without rows), or the reason of `signal`.
 */
export function fitLogisticRegression(
  x: FeatureMatrix,
  y: Int32Array,
  options: LogisticRegressionOptions = {},
): FittedLogisticRegression {
  const { signal, onProgress } = options;
  checkMatrix('x', x);
  const { c, l1Ratio } = penaltyOf(options);
  const { classCount, weights } = prepareTargets(y, x.rowCount, options);
  requireEveryClass(y, weights, classCount);
  const maxIterations = options.maxIter ?? (x.featureCount * classCount > 100 ? 5000 : 100);
  checkRange('maxIter', maxIterations, { min: 1, integer: true });
  const onIteration = (iteration: number): void => {
    throwIfStopped(signal);
    onProgress?.(iteration / maxIterations);
  };
  const problem = {
    ...penalised(x, weights, { c, l1Ratio, fitIntercept: options.fitIntercept ?? true }),
    y,
    classCount,
  };
  checkSize(problem.l1 !== undefined, x.featureCount + 1, classCount);
  const solve = classCount === 2 ? solveBinary : solveMultinomial;
  const solved = solve({ ...problem, threads: options.threads, maxIterations, onIteration });
  onProgress?.(1);
  return Object.freeze({
    kind: 'logistic-regression' as const,
    task: 'classification' as const,
    featureCount: x.featureCount,
    classCount,
    ...solved,
    predictProbabilities: (rows: FeatureMatrix) => probabilities(rows, solved, classCount),
    writeOnnx: (graph: OnnxGraph, features: string) =>
      writeLogistic(graph, { ...solved, featureCount: x.featureCount, classCount }, features),
  });
}

/** The L1 solver keeps a Hessian of all unknowns: 72 MB at this many. */
const MOST_L1_UNKNOWNS = 3000;

function checkSize(sparse: boolean, width: number, classCount: number): void {
  const unknowns = classCount === 2 ? width : width * classCount;
  if (!sparse || unknowns <= MOST_L1_UNKNOWNS) return;
  throw numErrors.NUM_RANGE(
    `An L1 penalty is limited to ${MOST_L1_UNKNOWNS} coefficients; here are ${unknowns}. Leave features out, or use l1Ratio 0.`,
    { data: { unknowns, most: MOST_L1_UNKNOWNS } },
  );
}

function penaltyOf(options: LogisticRegressionOptions): { c: number; l1Ratio: number } {
  const { penalty } = options;
  const c = penalty === 'none' ? Number.POSITIVE_INFINITY : (options.c ?? 1);
  if (!(c > 0)) checkRange('c', c, { min: Number.MIN_VALUE });
  const given = options.l1Ratio ?? (penalty === 'elasticnet' ? 0.5 : 0);
  checkRange('l1Ratio', given, { min: 0, max: 1 });
  return { c, l1Ratio: penalty === 'l1' ? 1 : penalty === 'l2' ? 0 : given };
}

/** The problem over standardised features whose penalty is that of the raw coefficients. */
function penalised(
  x: FeatureMatrix,
  weights: Float64Array,
  { c, l1Ratio, fitIntercept }: { c: number; l1Ratio: number; fitIntercept: boolean },
) {
  const scale = columnScale(x, weights);
  if (!fitIntercept) scale.centre.fill(0);
  let totalWeight = 0;
  for (let i = 0; i < weights.length; i++) totalWeight += weights[i];
  const strength = 1 / (c * totalWeight);
  const l2 = scale.factor.map((factor) => (1 - l1Ratio) * strength * factor * factor);
  const l1 = l1Ratio > 0 && strength > 0 ? scale.factor.map((factor) => l1Ratio * strength * factor) : undefined;
  return { x, weights, totalWeight, scale, l2, l1, fitIntercept };
}

function requireEveryClass(y: Int32Array, weights: Float64Array, classCount: number): void {
  const seen = new Uint8Array(classCount);
  for (let i = 0; i < y.length; i++) if (weights[i] > 0) seen[y[i]] = 1;
  const absent = seen.indexOf(0);
  if (absent >= 0) {
    throw numErrors.NUM_TOO_FEW(`Class ${absent} of ${classCount} has no row, so its intercept has no finite value.`, {
      data: { absent, classCount },
    });
  }
}

function probabilities(
  x: FeatureMatrix,
  model: { coefficients: Float64Array; intercepts: Float64Array },
  classCount: number,
): Float64Array {
  const { coefficients, intercepts } = model;
  const features = coefficients.length / intercepts.length;
  checkLength('x.featureCount', x.featureCount, features);
  checkMatrix('x', x);
  const n = x.rowCount;
  const out = new Float64Array(n * classCount);
  // Two classes are the logits [0, z].
  const first = classCount - intercepts.length;
  for (let line = 0; line < intercepts.length; line++) {
    const to = line + first;
    for (let i = 0; i < n; i++) out[i * classCount + to] = intercepts[line];
    for (let f = 0; f < features; f++) {
      const b = coefficients[line * features + f];
      for (let i = 0, at = f * n; i < n; i++) out[i * classCount + to] += b * x.values[at + i];
    }
  }
  for (let at = 0; at < out.length; at += classCount) {
    let max = out[at];
    for (let k = 1; k < classCount; k++) max = Math.max(max, out[at + k]);
    let sum = 0;
    for (let k = 0; k < classCount; k++) {
      const e = Math.exp(out[at + k] - max);
      out[at + k] = e;
      sum += e;
    }
    for (let k = 0; k < classCount; k++) out[at + k] /= sum;
  }
  return out;
}
