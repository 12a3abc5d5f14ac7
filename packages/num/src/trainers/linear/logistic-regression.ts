import { checkLength, checkRange } from '../../checks.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { writeLogistic } from '../../onnx/onnx-logistic.js';
import { type ClassTargetOptions, prepareTargets } from '../class-targets.js';
import { type FitHooks, type FittedClassifierBase, throwIfStopped } from '../trainer-types.js';
import { type LogisticProblem, solveBinaryNewton } from './logistic-binary.js';
import { solveMultinomial } from './logistic-multinomial.js';

export interface LogisticRegressionOptions extends ClassTargetOptions, FitHooks {
  /** Inverse strength of the L2 penalty, > 0. Default 1. The intercept is not penalised. */
  readonly c?: number;
  /** Default 100 for two classes (Newton), 5000 for more (L-BFGS). */
  readonly maxIterations?: number;
}

export interface FittedLogisticRegression extends FittedClassifierBase {
  readonly kind: 'logistic-regression';
  /** Row-major: one row of featureCount per class, or a single row (of class 1) when there are two classes. */
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
  readonly iterations: number;
  /** False when the iterations ran out: standardise the features, lower c or raise maxIterations. */
  readonly converged: boolean;
}

/**
 * Logistic regression with an L2 penalty: minimises C · Σ wᵢ·logloss + ½‖coefficients‖², to the same coefficients as
 * scikit-learn's LogisticRegression at tol → 0. Two classes: Newton; more: softmax by L-BFGS.
 *
 * @param x feature-major matrix of finite values; standardise it, the penalty is not scale-free.
 * @param y class codes 0..K−1, one per row; every class must occur.
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW.
 */
export function fitLogisticRegression(
  x: FeatureMatrix,
  y: Int32Array,
  options: LogisticRegressionOptions = {},
): FittedLogisticRegression {
  const { c = 1, signal, onProgress } = options;
  checkMatrix('x', x);
  if (!(c > 0)) checkRange('c', c, { min: Number.MIN_VALUE });
  const { classCount, weights } = prepareTargets(y, x.rowCount, options);
  requireEveryClass(y, weights, classCount);
  const maxIterations = options.maxIterations ?? (classCount === 2 ? 100 : 5000);
  checkRange('maxIterations', maxIterations, { min: 1, integer: true });
  const onIteration = (iteration: number): void => {
    throwIfStopped(signal);
    onProgress?.(iteration / maxIterations);
  };
  const problem: LogisticProblem = { x, y, weights, classCount, c, maxIterations, onIteration };
  const solved = classCount === 2 ? solveBinaryNewton(problem) : solveMultinomial(problem);
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
  const out = new Float64Array(x.rowCount * classCount);
  const binary = intercepts.length === 1;
  for (let row = 0; row < x.rowCount; row++) {
    const at = row * classCount;
    let max = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classCount; k++) {
      const line = binary ? k - 1 : k;
      let z = line < 0 ? 0 : intercepts[line];
      if (line >= 0) {
        for (let f = 0; f < features; f++) z += coefficients[line * features + f] * x.values[f * x.rowCount + row];
      }
      out[at + k] = z;
      if (z > max) max = z;
    }
    let sum = 0;
    for (let k = 0; k < classCount; k++) sum += out[at + k] = Math.exp(out[at + k] - max);
    for (let k = 0; k < classCount; k++) out[at + k] /= sum;
  }
  return out;
}
