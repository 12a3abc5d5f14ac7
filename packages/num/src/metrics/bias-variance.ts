import { checkRange } from '../checks.js';
import type { Rng } from '../random/rng.js';
import { mean } from './probability-metrics.js';

export interface BiasVarianceOptions {
  readonly rng: Rng;
  /** Models fitted, each on a resample of the training rows. Default 200. */
  readonly rounds?: number;
  /** 'squared' (default) or '0-1', for which values are class codes. */
  readonly loss?: 'squared' | '0-1';
  readonly signal?: { readonly aborted: boolean; readonly reason?: unknown };
}

/** What the expected loss on the test rows is made of. */
export interface BiasVariance {
  readonly expectedLoss: number;
  /** 'squared': mean (main prediction − truth)², noise included. '0-1': share of rows whose main prediction is wrong. */
  readonly bias: number;
  /** Mean loss of the predictions against the main prediction. */
  readonly variance: number;
  readonly rounds: number;
}

/**
 * Bias–variance decomposition by bootstrap (Domingos 2000; mlxtend's conventions). Each round fits on as many training
 * rows drawn with replacement and predicts the same test rows; the main prediction is the mean of the rounds, or the mode
 * (the lowest of equals) for '0-1'. Under squared loss expectedLoss = bias + variance exactly; under 0–1 loss the sum does
 * not hold, because variance helps where the main prediction is wrong.
 *
 * @param fitPredict gets row numbers of the training set, repeats included; returns one value per test row.
 */
export function biasVarianceDecomposition(
  input: { readonly trainRows: number; readonly testTruth: Float64Array },
  fitPredict: (rows: Int32Array) => Float64Array,
  options: BiasVarianceOptions,
): BiasVariance {
  const { rng, rounds = 200, loss = 'squared', signal } = options;
  const { trainRows, testTruth } = input;
  checkRange('trainRows', trainRows, { min: 1, integer: true });
  checkRange('rounds', rounds, { min: 2, integer: true });
  const all: Float64Array[] = [];
  for (let round = 0; round < rounds; round++) {
    if (signal?.aborted) throw signal.reason;
    const draw = rng.fork(round);
    all.push(fitPredict(Int32Array.from({ length: trainRows }, () => draw.int(trainRows))));
  }
  const lossOf =
    loss === 'squared' ? (a: number, b: number) => (a - b) ** 2 : (a: number, b: number) => Number(a !== b);
  const expected = new Float64Array(testTruth.length);
  const bias = new Float64Array(testTruth.length);
  const variance = new Float64Array(testTruth.length);
  for (let row = 0; row < testTruth.length; row++) {
    const values = Float64Array.from(all, (predictions) => predictions[row]);
    const main = loss === 'squared' ? mean(values) : modeOf(values);
    bias[row] = lossOf(main, testTruth[row]);
    variance[row] = mean(values.map((value) => lossOf(value, main)));
    expected[row] = mean(values.map((value) => lossOf(value, testTruth[row])));
  }
  return { expectedLoss: mean(expected), bias: mean(bias), variance: mean(variance), rounds };
}

function modeOf(values: Float64Array): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, one) =>
    one[1] > best[1] || (one[1] === best[1] && one[0] < best[0]) ? one : best,
  )[0];
}
