import { checkFinite, checkLength, checkWeights } from '../checks.js';
import { orderByScore } from './score-order.js';

/** Rows by falling score, and how much weight of each class stands at every step. */
export interface RankedRows {
  readonly order: Uint32Array;
  /** 1 where the row at this place is of class 1. */
  readonly positive: Uint8Array;
  /** 1 where the score equals the one before. */
  readonly tied: Uint8Array;
  /** Weight of the row at this place; undefined: all one. */
  readonly weights: Float64Array | undefined;
}

/** Sorts once what all metrics of ranks need. `yTrue` holds 0 and 1. @throws NUM_SHAPE, NUM_NOT_FINITE */
export function rankRows(yTrue: Int32Array, scores: Float64Array | Float32Array, weights?: Float64Array): RankedRows {
  checkLength('scores', scores.length, yTrue.length);
  checkFinite('scores', scores);
  if (weights) checkWeights(weights, yTrue.length);
  const order = orderByScore(scores);
  // Bytes first: the gather below jumps about, and ten million bytes stay in the cache.
  const isOne = new Uint8Array(yTrue.length);
  for (let i = 0; i < yTrue.length; i++) isOne[i] = yTrue[i] === 1 ? 1 : 0;
  const positive = new Uint8Array(order.length);
  const tied = new Uint8Array(order.length);
  let last = Number.NaN;
  for (let i = 0; i < order.length; i++) {
    const row = order[i];
    const score = scores[row];
    positive[i] = isOne[row];
    if (score === last) tied[i] = 1;
    last = score;
  }
  return { order, positive, tied, weights: weights ? Float64Array.from(order, (row) => weights[row]) : undefined };
}

/**
 * Area under the ROC curve: the chance that a positive row (class 1) scores above a negative one, ties half.
 * NaN when only one class occurs.
 *
 * @example rocAuc(Int32Array.of(0, 0, 1, 1), Float64Array.of(0.1, 0.4, 0.4, 0.8)) // 0.875
 */
export function rocAuc(yTrue: Int32Array, scores: Float64Array | Float32Array, weights?: Float64Array): number {
  return rankedRocAuc(rankRows(yTrue, scores, weights));
}

/** {@link rocAuc} of rows that are sorted already. */
export function rankedRocAuc({ positive, tied, weights }: RankedRows): number {
  let positives = 0;
  let negatives = 0;
  let area = 0;
  for (let i = 0; i < positive.length; ) {
    let tiedPositives = 0;
    let tiedNegatives = 0;
    do {
      const weight = weights === undefined ? 1 : weights[i];
      if (positive[i] === 1) tiedPositives += weight;
      else tiedNegatives += weight;
      i++;
    } while (i < positive.length && tied[i] === 1);
    area += tiedNegatives * (positives + tiedPositives / 2);
    positives += tiedPositives;
    negatives += tiedNegatives;
  }
  return positives === 0 || negatives === 0 ? Number.NaN : area / (positives * negatives);
}

/**
 * Average precision Σ (Rₙ − Rₙ₋₁)·Pₙ over distinct thresholds, without interpolation. 0 when there are no positives.
 *
 * @example averagePrecision(Int32Array.of(0, 0, 1, 1), Float64Array.of(0.1, 0.4, 0.35, 0.8)) // 0.8333…
 */
export function averagePrecision(
  yTrue: Int32Array,
  scores: Float64Array | Float32Array,
  weights?: Float64Array,
): number {
  return rankedAveragePrecision(rankRows(yTrue, scores, weights));
}

/** {@link averagePrecision} of rows that are sorted already. */
export function rankedAveragePrecision({ positive, tied, weights }: RankedRows): number {
  let positives = 0;
  let all = 0;
  let sum = 0;
  for (let i = 0; i < positive.length; ) {
    const before = positives;
    do {
      const weight = weights === undefined ? 1 : weights[i];
      if (positive[i] === 1) positives += weight;
      all += weight;
      i++;
    } while (i < positive.length && tied[i] === 1);
    if (all > 0) sum += (positives - before) * (positives / all);
  }
  return positives === 0 ? 0 : sum / positives;
}
