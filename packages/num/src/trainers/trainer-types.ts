import type { FeatureMatrix } from '../linalg/matrix.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';
import type { ThreadPool } from '../parallel/thread-pool.js';

/** The part of an AbortSignal that a fit reads; the platform's own type stays out of this package. */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
}

/** Throws the signal's reason when it is aborted. */
export function throwIfStopped(signal: StopSignal | undefined): void {
  if (signal?.aborted) throw signal.reason instanceof Error ? signal.reason : new Error('aborted');
}

/** Hooks of a long fit. `signal` is checked once per tree or iteration; an aborted fit throws the signal's reason. */
export interface FitHooks {
  readonly signal?: StopSignal;
  /** `ratio` of the work done, 0..1, never falling. */
  readonly onProgress?: (ratio: number) => void;
  /** Threads to compute with; default: this one alone. The result is the same for any number of them. */
  readonly threads?: ThreadPool;
}

export type Task = 'classification' | 'regression' | 'clustering' | 'anomaly';

/** What every fitted model can do. Frozen: fitting again makes another value. */
interface FittedBase {
  /** Name of the trainer that made it, for example `random-forest`. */
  readonly kind: string;
  readonly featureCount: number;
  /**
   * Adds the model to a graph that has its Float32 [N, F] features under the name `features`, and returns the name of
   * the Float32 output: [N, K] probabilities of a classifier, [N, 1] values of a regressor, [N, K] distances of a
   * clustering, [N, 1] scores of an anomaly detector. Names come from `graph.fresh`, so that ensembles can nest.
   */
  writeOnnx(graph: OnnxGraph, features: string): string;
  /** Values of each feature at which the answer jumps (tree thresholds): the parity check tries them and their neighbours. */
  thresholds?(): readonly ArrayLike<number>[];
}

export interface FittedClassifierBase extends FittedBase {
  readonly task: 'classification';
  readonly classCount: number;
  /** Row-major probabilities, rowCount × classCount; every row sums to 1. */
  predictProbabilities(x: FeatureMatrix): Float64Array;
}

export interface FittedRegressorBase extends FittedBase {
  readonly task: 'regression';
  /** One value per row. */
  predict(x: FeatureMatrix): Float64Array;
}

export interface FittedClustererBase extends FittedBase {
  readonly task: 'clustering';
  readonly clusterCount: number;
  /** Row-major distances to each cluster's centre, rowCount × clusterCount; a row belongs to the nearest, ties to the lower code. */
  predictDistances(x: FeatureMatrix): Float64Array;
}

export interface FittedDetectorBase extends FittedBase {
  readonly task: 'anomaly';
  /** One score per row; greater is more anomalous, above 0 is called an anomaly. */
  predictScores(x: FeatureMatrix): Float64Array;
}

export type FittedModel = FittedClassifierBase | FittedRegressorBase | FittedClustererBase | FittedDetectorBase;

/** The most probable class of each row; the lower code wins a tie. `probabilities` is row-major, n × classCount. */
export function mostProbable(probabilities: Float64Array, classCount: number): Int32Array {
  const out = new Int32Array(probabilities.length / classCount);
  for (let row = 0; row < out.length; row++) {
    let best = 0;
    for (let k = 1; k < classCount; k++) {
      if (probabilities[row * classCount + k] > probabilities[row * classCount + best]) best = k;
    }
    out[row] = best;
  }
  return out;
}

/** One column of row-major probabilities, for example P(class 1) of a binary classifier. */
export function probabilityOf(probabilities: Float64Array, classCount: number, classCode: number): Float64Array {
  const out = new Float64Array(probabilities.length / classCount);
  for (let row = 0; row < out.length; row++) out[row] = probabilities[row * classCount + classCode];
  return out;
}
