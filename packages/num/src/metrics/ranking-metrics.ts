import { checkFinite, checkLength } from '../checks.js';

/** Row order by falling score, ties by row. */
function byFallingScore(scores: Float64Array): Int32Array {
  const order = Int32Array.from(scores.keys());
  return order.sort((i, j) => scores[j] - scores[i] || i - j);
}

function checkPair(yTrue: Int32Array, scores: Float64Array): void {
  checkLength('scores', scores.length, yTrue.length);
  checkFinite('scores', scores);
}

/**
 * Area under the ROC curve: the chance that a positive row (class 1) scores above a negative one, ties half.
 * NaN when only one class occurs.
 *
 * @example rocAuc(Int32Array.of(0, 0, 1, 1), Float64Array.of(0.1, 0.4, 0.4, 0.8)) // 0.875
 */
export function rocAuc(yTrue: Int32Array, scores: Float64Array): number {
  checkPair(yTrue, scores);
  const order = byFallingScore(scores);
  let positives = 0;
  let negatives = 0;
  let area = 0;
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i]];
    let tiedPositives = 0;
    let tiedNegatives = 0;
    for (; i < order.length && scores[order[i]] === score; i++) {
      if (yTrue[order[i]] === 1) tiedPositives++;
      else tiedNegatives++;
    }
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
export function averagePrecision(yTrue: Int32Array, scores: Float64Array): number {
  checkPair(yTrue, scores);
  const order = byFallingScore(scores);
  let positives = 0;
  let sum = 0;
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i]];
    const before = positives;
    for (; i < order.length && scores[order[i]] === score; i++) if (yTrue[order[i]] === 1) positives++;
    sum += (positives - before) * (positives / i);
  }
  return positives === 0 ? 0 : sum / positives;
}
