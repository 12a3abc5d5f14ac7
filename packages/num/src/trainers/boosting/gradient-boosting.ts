import { checkFinite, checkLength, checkRange } from '../../checks.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import { writeBoostedTrees } from '../../onnx/onnx-boosting.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { type ClassTargetOptions, prepareTargets } from '../class-targets.js';
import { prepareRegression } from '../regression-targets.js';
import type { FittedClassifierBase, FittedRegressorBase } from '../trainer-types.js';
import { type BoostedTrees, boostedThresholds, gainImportances } from './boosted-trees.js';
import type { Loss } from './boosting-losses.js';
import type { BoostingOptions } from './boosting-options.js';
import { type BoostedFit, type BoostingTarget, fitBoostedTrees } from './fit-boosted-trees.js';
import { predictRaw } from './predict-boosted.js';

export interface BoostingClassifierOptions extends BoostingOptions, Omit<ClassTargetOptions, 'sampleWeight'> {}

export interface BoostingRegressorOptions extends BoostingOptions {
  /** Default 'squared_error'. 'poisson' needs y ≥ 0. */
  readonly loss?: 'squared_error' | 'absolute_error' | 'quantile' | 'poisson';
  /** Level of the 'quantile' loss, in (0, 1). */
  readonly quantile?: number;
}

interface FittedBoosting {
  readonly kind: 'gradient-boosting';
  readonly trees: BoostedTrees;
  /** What is added to the trees' sum, before the link; one per output. */
  readonly baseline: Float64Array;
  /** Iterations done. */
  readonly iterations: number;
  /** Minus the mean loss of the rows held out, from before the first iteration on; empty without early stopping. */
  readonly validationScores: Float64Array;
  /** Share of each feature in the loss that splits saved. */
  readonly importances: Float64Array;
}

export interface FittedGradientBoostingClassifier extends FittedClassifierBase, FittedBoosting {
  readonly kind: 'gradient-boosting';
}

export interface FittedGradientBoostingRegressor extends FittedRegressorBase, FittedBoosting {
  readonly kind: 'gradient-boosting';
}

/**
 * Histogram gradient boosting of classes, binary or by softmax; names, defaults and, without early stopping and up to
 * 200,000 rows (of more, bins come from a sample), the numbers of scikit-learn's HistGradientBoostingClassifier. NaN is
 * missing and learned from; where training had none it goes with most rows.
 *
 * @throws NUM_SHAPE, NUM_RANGE, NUM_NOT_FINITE for an infinite value, NUM_TOO_FEW, or the reason of `signal`
 */
export function fitGradientBoostingClassifier(
  x: FeatureMatrix,
  y: Int32Array,
  options: BoostingClassifierOptions = {},
): FittedGradientBoostingClassifier {
  checkFeatures(x);
  const { sampleWeight, ...rest } = options;
  const { classCount, weights } = prepareTargets(y, x.rowCount, { ...rest, ...(sampleWeight && { sampleWeight }) });
  const outputCount = classCount === 2 ? 1 : classCount;
  const target: BoostingTarget = {
    loss: { kind: 'log_loss' },
    outputCount,
    target: Float64Array.from(y),
    weights: unlessUnit(weights),
    classes: y,
  };
  const fit = fitBoostedTrees(x, target, options);
  const parts = fittedParts(x, fit, { options, link: outputCount === 1 ? 'sigmoid' : 'softmax' });
  return Object.freeze({
    ...parts,
    task: 'classification' as const,
    classCount,
    predictProbabilities: (rows: FeatureMatrix) => probabilitiesOf(parts.raw(rows), rows.rowCount, classCount),
  });
}

/**
 * Histogram gradient boosting of numbers; see {@link fitGradientBoostingClassifier}.
 *
 * @throws NUM_SHAPE, NUM_RANGE, NUM_NOT_FINITE, NUM_TOO_FEW, or the reason of `signal`
 */
export function fitGradientBoostingRegressor(
  x: FeatureMatrix,
  y: Float64Array,
  options: BoostingRegressorOptions = {},
): FittedGradientBoostingRegressor {
  checkFeatures(x);
  const { sampleWeight } = options;
  const weights = prepareRegression(y, x.rowCount, sampleWeight ? { sampleWeight } : {});
  const loss = lossOf(options, y);
  const target: BoostingTarget = { loss, outputCount: 1, target: y, weights: weights && unlessUnit(weights) };
  const fit = fitBoostedTrees(x, target, options);
  const exponential = loss.kind === 'poisson';
  const parts = fittedParts(x, fit, { options, link: exponential ? 'exp' : 'identity' });
  return Object.freeze({
    ...parts,
    task: 'regression' as const,
    predict: (rows: FeatureMatrix) => {
      const raw = parts.raw(rows);
      if (exponential) for (let i = 0; i < raw.length; i++) raw[i] = Math.exp(raw[i]);
      return raw;
    },
  });
}

function fittedParts(
  x: FeatureMatrix,
  fit: BoostedFit,
  { options, link }: { options: BoostingOptions; link: 'identity' | 'sigmoid' | 'softmax' | 'exp' },
) {
  const categoryCounts = Int32Array.from(options.categoryCounts ?? new Int32Array(x.featureCount));
  return {
    kind: 'gradient-boosting' as const,
    featureCount: x.featureCount,
    ...fit,
    importances: gainImportances(fit.trees, x.featureCount),
    raw: (rows: FeatureMatrix) => {
      checkLength('x.featureCount', rows.featureCount, x.featureCount);
      checkFeatures(rows);
      return predictRaw(fit.trees, rows, { baseline: fit.baseline, categoryCounts });
    },
    writeOnnx: (graph: OnnxGraph, features: string) =>
      writeBoostedTrees(graph, { trees: fit.trees, baseline: fit.baseline, categoryCounts, link }, features),
    thresholds: () => boostedThresholds(fit.trees, categoryCounts),
  };
}

/** NaN is missing; infinity is an error of the data. */
function checkFeatures(x: FeatureMatrix): void {
  checkLength('x.values', x.values.length, x.rowCount * x.featureCount);
  const { values } = x;
  for (let i = 0; i < values.length; i++) {
    // NaN fails both comparisons and passes.
    if (values[i] > 3.5e38 || values[i] < -3.5e38) checkFinite('x.values', values.subarray(i, i + 1));
  }
}

function unlessUnit(weights: Float64Array): Float64Array | undefined {
  return weights.every((weight) => weight === 1) ? undefined : weights;
}

function lossOf({ loss = 'squared_error', quantile }: BoostingRegressorOptions, y: Float64Array): Loss {
  if (loss === 'quantile') {
    checkRange('quantile', quantile ?? Number.NaN, { min: Number.MIN_VALUE, max: 1 - Number.EPSILON });
    return { kind: 'quantile', quantile: quantile ?? 0.5 };
  }
  if (loss === 'poisson') {
    for (const value of y) checkRange('y', value, { min: 0 });
    if (y.every((value) => value === 0)) throw numErrors.NUM_RANGE('y is all 0, of which poisson can learn nothing.');
  }
  return { kind: loss };
}

/** Sigmoid of one output, softmax of more; row-major. */
function probabilitiesOf(raw: Float64Array, n: number, classCount: number): Float64Array {
  const out = new Float64Array(n * classCount);
  if (classCount === 2) {
    for (let i = 0; i < n; i++) {
      const p = 1 / (1 + Math.exp(-raw[i]));
      out[2 * i] = 1 - p;
      out[2 * i + 1] = p;
    }
    return out;
  }
  for (let i = 0; i < n; i++) {
    let largest = raw[i];
    for (let k = 1; k < classCount; k++) largest = Math.max(largest, raw[k * n + i]);
    let sum = 0;
    for (let k = 0; k < classCount; k++) {
      const e = Math.exp(raw[k * n + i] - largest);
      out[i * classCount + k] = e;
      sum += e;
    }
    for (let k = 0; k < classCount; k++) out[i * classCount + k] /= sum;
  }
  return out;
}
