import type { FeatureMatrix } from '../linalg/matrix.js';

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
}

/** What every fitted classifier can do. Frozen: fitting again makes another value. */
export interface FittedClassifierBase {
  readonly featureCount: number;
  readonly classCount: number;
  /** Row-major probabilities, rowCount × classCount; every row sums to 1. */
  predictProbabilities(x: FeatureMatrix): Float64Array;
}

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
