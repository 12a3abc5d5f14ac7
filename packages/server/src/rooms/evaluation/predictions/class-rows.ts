import type { Drawing } from './prediction-intervals.js';

export interface ClassRows {
  readonly labels: readonly string[];
  readonly truth: Int32Array;
  readonly predicted: Int32Array;
  /** Row-major n × labels. */
  readonly probabilities: Float64Array | undefined;
  readonly weights: Float64Array | undefined;
  /** A rule's and a second model's answers: codes, or P(positive) of two labels. */
  readonly baseline: ClassAnswer | undefined;
  readonly compare: ClassAnswer | undefined;
  readonly drawing: Drawing;
}

export interface ClassAnswer {
  readonly name: string;
  readonly codes: Int32Array;
  readonly probability?: Float64Array | undefined;
}

/** Row-major n × 2 from P(class 1). */
export function interleave(probability: Float64Array): Float64Array {
  const out = new Float64Array(probability.length * 2);
  for (let i = 0; i < probability.length; i++) {
    out[2 * i] = 1 - (probability[i] as number);
    out[2 * i + 1] = probability[i] as number;
  }
  return out;
}

export function misses(truth: Int32Array, predicted: Int32Array): Float64Array {
  return Float64Array.from(truth, (code, i) => Number(code !== predicted[i]));
}
