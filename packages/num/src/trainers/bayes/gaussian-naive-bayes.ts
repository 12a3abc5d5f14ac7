import { checkLength, checkRange } from '../../checks.js';
import { columnScale } from '../../linalg/column-block.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import { writeGaussianBayes } from '../../onnx/onnx-bayes.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { type ClassTargetOptions, prepareTargets } from '../class-targets.js';
import { type FitHooks, type FittedClassifierBase, throwIfStopped } from '../trainer-types.js';
import { logConstant } from './log-constant.js';

export interface GaussianNaiveBayesOptions extends ClassTargetOptions, FitHooks {
  /** Share of the largest feature variance that is added to every variance. Default 1e-9. */
  readonly varSmoothing?: number;
  /** Probability of each class beforehand, summing to 1. Default: the weighted shares of the rows. */
  readonly priors?: readonly number[];
}

export interface FittedGaussianNaiveBayes extends FittedClassifierBase {
  readonly kind: 'gaussian-naive-bayes';
  readonly priors: Float64Array;
  /** Row-major classCount × featureCount. */
  readonly means: Float64Array;
  /** Smoothed, same layout. */
  readonly variances: Float64Array;
}

/**
 * Gaussian naive Bayes, as scikit-learn's GaussianNB with sample weights. A class without rows gets probability 0;
 * when no feature varies at all, the variance added is varSmoothing itself, and the priors decide.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW (all weights 0), or the reason of `signal`.
 */
export function fitGaussianNaiveBayes(
  x: FeatureMatrix,
  y: Int32Array,
  options: GaussianNaiveBayesOptions = {},
): FittedGaussianNaiveBayes {
  const { varSmoothing = 1e-9 } = options;
  checkMatrix('x', x);
  throwIfStopped(options.signal);
  checkRange('varSmoothing', varSmoothing, { min: 0, max: Number.MAX_VALUE });
  const { classCount, weights } = prepareTargets(y, x.rowCount, options);
  const totals = new Float64Array(classCount);
  for (let i = 0; i < y.length; i++) totals[y[i]] += weights[i];
  const priors = priorsOf(totals, options.priors);
  const { means, variances } = moments(x, { y, weights, totals });
  const smoothing = smallestVariance(x, varSmoothing);
  for (let i = 0; i < variances.length; i++) variances[i] += smoothing;
  const model = { priors, means, variances, featureCount: x.featureCount, classCount };
  options.onProgress?.(1);
  return Object.freeze({
    kind: 'gaussian-naive-bayes' as const,
    task: 'classification' as const,
    ...model,
    predictProbabilities: (rows: FeatureMatrix) => probabilities(rows, model),
    writeOnnx: (graph: OnnxGraph, features: string) => writeGaussianBayes(graph, model, features),
  });
}

function priorsOf(totals: Float64Array, given: readonly number[] | undefined): Float64Array {
  const sum = totals.reduce((total, value) => total + value, 0);
  if (sum === 0) throw numErrors.NUM_TOO_FEW('Every row has weight 0.');
  if (!given) return totals.map((value) => value / sum);
  checkLength('priors', given.length, totals.length);
  for (const prior of given) checkRange('priors', prior, { min: 0, max: 1 });
  checkRange(
    'the sum of priors',
    given.reduce((total, prior) => total + prior, 0),
    { min: 1 - 1e-9, max: 1 + 1e-9 },
  );
  return Float64Array.from(given, (prior, k) => (totals[k] > 0 ? prior : 0));
}

/** Means and variances of each class and feature, two passes; 0 for a class without rows. */
function moments(
  x: FeatureMatrix,
  { y, weights, totals }: { y: Int32Array; weights: Float64Array; totals: Float64Array },
): { means: Float64Array; variances: Float64Array } {
  const { rowCount: n, featureCount: p, values } = x;
  const means = new Float64Array(totals.length * p);
  const variances = new Float64Array(totals.length * p);
  for (let f = 0; f < p; f++) {
    for (let i = 0; i < n; i++) means[y[i] * p + f] += weights[i] * values[f * n + i];
    for (let k = 0; k < totals.length; k++) if (totals[k] > 0) means[k * p + f] /= totals[k];
    for (let i = 0; i < n; i++) {
      const d = values[f * n + i] - means[y[i] * p + f];
      variances[y[i] * p + f] += weights[i] * d * d;
    }
    for (let k = 0; k < totals.length; k++) if (totals[k] > 0) variances[k * p + f] /= totals[k];
  }
  return { means, variances };
}

/** varSmoothing · the largest variance of a feature over all rows, unweighted as in scikit-learn. */
function smallestVariance(x: FeatureMatrix, varSmoothing: number): number {
  const { centre } = columnScale(x);
  let largest = 0;
  for (let f = 0; f < x.featureCount; f++) {
    let squares = 0;
    for (let i = 0, at = f * x.rowCount; i < x.rowCount; i++) squares += (x.values[at + i] - centre[f]) ** 2;
    largest = Math.max(largest, squares / x.rowCount);
  }
  // Also with varSmoothing 0 no variance may be 0: the likelihoods would be infinite, and their quotient NaN.
  return Math.max(varSmoothing, 1e-30) * (largest || 1);
}

function probabilities(
  x: FeatureMatrix,
  model: Pick<FittedGaussianNaiveBayes, 'priors' | 'means' | 'variances' | 'featureCount' | 'classCount'>,
): Float64Array {
  const { priors, means, variances, featureCount: p, classCount } = model;
  checkLength('x.featureCount', x.featureCount, p);
  checkMatrix('x', x);
  const n = x.rowCount;
  const out = new Float64Array(n * classCount);
  const joint = new Float64Array(n);
  for (let k = 0; k < classCount; k++) {
    joint.fill(priors[k] > 0 ? logConstant(model, k) : Number.NEGATIVE_INFINITY);
    for (let f = 0; f < p && priors[k] > 0; f++) {
      const mean = means[k * p + f];
      const precision = 0.5 / variances[k * p + f];
      for (let i = 0, at = f * n; i < n; i++) {
        const d = x.values[at + i] - mean;
        joint[i] -= d * d * precision;
      }
    }
    for (let i = 0; i < n; i++) out[i * classCount + k] = joint[i];
  }
  for (let at = 0; at < out.length; at += classCount) {
    let max = out[at];
    for (let k = 1; k < classCount; k++) max = Math.max(max, out[at + k]);
    let sum = 0;
    for (let k = 0; k < classCount; k++) {
      out[at + k] = Math.exp(out[at + k] - max);
      sum += out[at + k];
    }
    for (let k = 0; k < classCount; k++) out[at + k] /= sum;
  }
  return out;
}
