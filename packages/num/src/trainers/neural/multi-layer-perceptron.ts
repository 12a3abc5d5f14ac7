import { checkLength, checkRange } from '../../checks.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { writeNetwork } from '../../onnx/onnx-network.js';
import { createRng, type Rng } from '../../random/rng.js';
import { type ClassTargetOptions, prepareTargets } from '../class-targets.js';
import { prepareRegression, type RegressionTargetOptions } from '../regression-targets.js';
import {
  type FitHooks,
  type FittedClassifierBase,
  type FittedRegressorBase,
  throwIfStopped,
} from '../trainer-types.js';
import { createPass, forward } from './backpropagation.js';
import { type Activation, emptyNetwork, type Network } from './network.js';
import { adam, momentumDescent } from './optimisers.js';
import { type TrainingReport, type TrainingSet, trainNetwork } from './train-network.js';

export interface PerceptronOptions {
  /** An integer in [0, 2³²). Default 0. */
  readonly seed?: number;
  /** Units of each hidden layer, separated by commas. Default '100'. */
  readonly hiddenLayerSizes?: string;
  /** Default 'relu'. */
  readonly activation?: Activation;
  /** Default 'adam'; 'sgd' has Nesterov's momentum. */
  readonly solver?: 'adam' | 'sgd';
  /** Weight of ½‖weights‖², per batch. Default 1e-4. */
  readonly alpha?: number;
  /** Default 'auto': 200, or all rows when there are fewer. */
  readonly batchSize?: 'auto' | number;
  /** Default 0.001. */
  readonly learningRateInit?: number;
  /** Of 'sgd'. Default 0.9. */
  readonly momentum?: number;
  /** Epochs. Default 200. */
  readonly maxIter?: number;
  /** Default 1e-4. */
  readonly tol?: number;
  /** Epochs without an improvement by `tol` before it stops. Default 10. */
  readonly nIterNoChange?: number;
  /** Default false. True: validationFraction of the rows is held back and decides when to stop, and the best epoch is kept. */
  readonly earlyStopping?: boolean;
  /** Default 0.1. */
  readonly validationFraction?: number;
}

export interface PerceptronClassifierOptions extends PerceptronOptions, ClassTargetOptions, FitHooks {}
export interface PerceptronRegressorOptions extends PerceptronOptions, RegressionTargetOptions, FitHooks {}

interface Trained extends TrainingReport {
  readonly kind: 'multi-layer-perceptron';
  readonly network: Network;
}

export interface FittedPerceptronClassifier extends FittedClassifierBase, Trained {
  readonly kind: 'multi-layer-perceptron';
}

export interface FittedPerceptronRegressor extends FittedRegressorBase, Trained {
  readonly kind: 'multi-layer-perceptron';
}

/**
 * A fully connected network trained by Adam or momentum descent in Float64, with scikit-learn's MLPClassifier's losses,
 * penalty, batches and rule to stop; the random start is our own. Two classes have one logistic output, more a softmax.
 * Standardise the features. A class without rows is learned to be improbable.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE (also when the training diverged: lower learningRateInit), NUM_RANGE, NUM_TOO_FEW,
 *   or the reason of `signal`.
 */
export function fitPerceptronClassifier(
  x: FeatureMatrix,
  y: Int32Array,
  options: PerceptronClassifierOptions = {},
): FittedPerceptronClassifier {
  checkMatrix('x', x);
  const { classCount, weights } = prepareTargets(y, x.rowCount, options);
  if (weights.every((weight) => weight === 0)) throw numErrors.NUM_TOO_FEW('Every row has weight 0.');
  const outputs = classCount === 2 ? 1 : classCount;
  const target = new Float64Array(x.rowCount * outputs);
  for (let i = 0; i < y.length; i++) {
    if (outputs === 1) target[i] = y[i];
    else target[i * outputs + y[i]] = 1;
  }
  const trained = train({ x, target, weights, classify: true }, outputs, options);
  const { network } = trained;
  return Object.freeze({
    kind: 'multi-layer-perceptron' as const,
    task: 'classification' as const,
    featureCount: x.featureCount,
    classCount,
    ...trained,
    predictProbabilities: (rows: FeatureMatrix) => {
      const answers = answer(network, rows, true);
      if (outputs > 1) return answers;
      return Float64Array.from({ length: 2 * answers.length }, (_, i) =>
        i % 2 === 1 ? answers[i >> 1] : 1 - answers[i >> 1],
      );
    },
    writeOnnx: (graph: OnnxGraph, features: string) => writeNetwork(graph, { network, classify: true }, features),
  });
}

/**
 * The same for numbers, with squared loss. The target is standardised inside, unlike in scikit-learn, whose steps of 0.001
 * take forever to a target in the thousands; `losses` are of the standardised one. A constant target gives the constant.
 *
 * @throws as {@link fitPerceptronClassifier}.
 */
export function fitPerceptronRegressor(
  x: FeatureMatrix,
  y: Float64Array,
  options: PerceptronRegressorOptions = {},
): FittedPerceptronRegressor {
  checkMatrix('x', x);
  const weights = prepareRegression(y, x.rowCount, options) ?? new Float64Array(x.rowCount).fill(1);
  const { mean, deviation } = weightedSpread(y, weights);
  const target = y.map((value) => (value - mean) / (deviation || 1));
  const trained = train({ x, target, weights, classify: false }, 1, options);
  const network = rescaleOutput(trained.network, mean, deviation);
  return Object.freeze({
    task: 'regression' as const,
    featureCount: x.featureCount,
    ...trained,
    kind: 'multi-layer-perceptron' as const,
    network,
    predict: (rows: FeatureMatrix) => answer(network, rows, false),
    writeOnnx: (graph: OnnxGraph, features: string) => writeNetwork(graph, { network, classify: false }, features),
  });
}

function weightedSpread(y: Float64Array, weights: Float64Array): { mean: number; deviation: number } {
  let total = 0;
  let sum = 0;
  for (let i = 0; i < y.length; i++) {
    total += weights[i];
    sum += weights[i] * y[i];
  }
  const mean = sum / total;
  let squares = 0;
  for (let i = 0; i < y.length; i++) squares += weights[i] * (y[i] - mean) ** 2;
  const deviation = Math.sqrt(squares / total);
  return { mean, deviation: deviation > 1e-13 * Math.abs(mean) ? deviation : 0 };
}

/** Gives the last layer the unit of the target. */
function rescaleOutput(network: Network, mean: number, deviation: number): Network {
  const values = network.values.slice();
  const last = network.widths.length - 2;
  const start = network.weightStarts[last];
  for (let i = start; i < start + network.widths[last]; i++) values[i] *= deviation;
  const bias = network.biasStarts[last];
  values[bias] = values[bias] * deviation + mean;
  return { ...network, values };
}

function train(data: TrainingSet, outputs: number, options: PerceptronOptions & FitHooks): Omit<Trained, 'kind'> {
  const { alpha = 1e-4, learningRateInit = 0.001, momentum = 0.9, maxIter = 200, tol = 1e-4 } = options;
  const { activation = 'relu', nIterNoChange = 10, batchSize = 'auto', signal, onProgress } = options;
  checkRange('alpha', alpha, { min: 0, max: Number.MAX_VALUE });
  checkRange('learningRateInit', learningRateInit, { min: Number.MIN_VALUE, max: Number.MAX_VALUE });
  checkRange('momentum', momentum, { min: 0, max: 1 });
  checkRange('maxIter', maxIter, { min: 1, integer: true });
  checkRange('nIterNoChange', nIterNoChange, { min: 1, integer: true });
  if (batchSize !== 'auto') checkRange('batchSize', batchSize, { min: 1, integer: true });
  const hidden = layerSizes(options.hiddenLayerSizes ?? '100');
  const root = createRng(options.seed ?? 0);
  const network = emptyNetwork([data.x.featureCount, ...hidden, outputs], activation);
  drawWeights(network, root.fork('weights'));
  const size = network.values.length;
  const optimiser =
    options.solver === 'sgd' ? momentumDescent(size, learningRateInit, momentum) : adam(size, learningRateInit);
  const settings = {
    alpha,
    batchSize: batchSize === 'auto' ? 200 : batchSize,
    maxIter,
    tol,
    nIterNoChange,
    shuffle: true,
    heldBack: options.earlyStopping ? holdBack(data.x.rowCount, options, root.fork('held back')) : new Int32Array(0),
    onIteration: (iteration: number): void => {
      throwIfStopped(signal);
      onProgress?.(iteration / maxIter);
    },
  };
  const report = trainNetwork(network, data, settings, { optimiser, rng: root.fork('batches') });
  if (!network.values.every(Number.isFinite)) {
    throw numErrors.NUM_NOT_FINITE('The training diverged: standardise the features, or lower learningRateInit.');
  }
  onProgress?.(1);
  return { network, ...report };
}

/** '64,32' → [64, 32]. @throws NUM_RANGE */
function layerSizes(text: string): number[] {
  const sizes = text.split(',').map(Number);
  for (const size of sizes) checkRange('hiddenLayerSizes', size, { min: 1, max: 10_000, integer: true });
  return sizes;
}

/** Uniform within the bound of Glorot & Bengio 2010, as scikit-learn draws them. */
function drawWeights(network: Network, rng: Rng): void {
  const factor = network.activation === 'logistic' ? 2 : 6;
  for (let l = 0; l + 1 < network.widths.length; l++) {
    const fanIn = network.widths[l];
    const fanOut = network.widths[l + 1];
    const bound = Math.sqrt(factor / (fanIn + fanOut));
    const w = network.weightStarts[l];
    for (let i = w; i < w + fanIn * fanOut; i++) network.values[i] = bound * (2 * rng.next() - 1);
    const b = network.biasStarts[l];
    for (let i = b; i < b + fanOut; i++) network.values[i] = bound * (2 * rng.next() - 1);
  }
}

function holdBack(rowCount: number, options: PerceptronOptions, rng: Rng): Int32Array {
  const { validationFraction = 0.1 } = options;
  checkRange('validationFraction', validationFraction, { min: Number.MIN_VALUE, max: 1 });
  const count = Math.ceil(validationFraction * rowCount);
  if (count < 2 || rowCount - count < 1) {
    throw numErrors.NUM_TOO_FEW(`Early stopping would hold back ${count} of ${rowCount} rows.`, {
      data: { rows: rowCount, heldBack: count },
    });
  }
  return rng
    .shuffle(Int32Array.from({ length: rowCount }, (_, i) => i))
    .slice(0, count)
    .sort();
}

const ANSWER_ROWS = 256;

function answer(network: Network, x: FeatureMatrix, classify: boolean): Float64Array {
  const p = network.widths[0];
  checkLength('x.featureCount', x.featureCount, p);
  checkMatrix('x', x);
  const width = network.widths[network.widths.length - 1];
  const out = new Float64Array(x.rowCount * width);
  const pass = createPass(network, ANSWER_ROWS);
  const input = new Float64Array(ANSWER_ROWS * p);
  for (let start = 0; start < x.rowCount; start += ANSWER_ROWS) {
    const rows = Math.min(ANSWER_ROWS, x.rowCount - start);
    for (let f = 0; f < p; f++) {
      for (let r = 0; r < rows; r++) input[r * p + f] = x.values[f * x.rowCount + start + r];
    }
    forward(network, pass, { input, rows }, classify);
    out.set(pass.answers[pass.answers.length - 1].subarray(0, rows * width), start * width);
  }
  return out;
}
