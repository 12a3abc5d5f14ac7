import { checkFinite, checkLength, checkRange } from '../checks.js';
import { rocAuc } from '../metrics/ranking-metrics.js';
import { numErrors } from '../num-errors.js';
import { type BootstrapInterval, type BootstrapOptions, drawRows, quantileOfSorted } from './bootstrap.js';

/**
 * Percentile bootstrap of the area under the ROC curve. Rows are sorted once; a resample only counts how often each row was
 * drawn. Resamples with one class have no area and are left out (`resamples` says how many remain); all NaN when none does.
 *
 * Cost: resamples × rows.
 *
 * @param yTrue holds 0 and 1.
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW.
 */
export function bootstrapRocAuc(yTrue: Int32Array, scores: Float64Array, options: BootstrapOptions): BootstrapInterval {
  const { rng, resamples = 2000, confidence = 0.95, blockLength = 1 } = options;
  const n = yTrue.length;
  if (n < 2) throw numErrors.NUM_TOO_FEW(`A bootstrap needs at least 2 rows, not ${n}.`, { data: { rows: n } });
  checkLength('scores', scores.length, n);
  checkFinite('scores', scores);
  checkRange('resamples', resamples, { min: 1, integer: true });
  checkRange('confidence', confidence, { min: 0.5, max: 0.9999 });
  checkRange('blockLength', blockLength, { min: 1, max: n, integer: true });
  const order = Int32Array.from(scores.keys()).sort((i, j) => scores[j] - scores[i] || i - j);
  const tied = Uint8Array.from(order, (row, at) => Number(at > 0 && scores[row] === scores[order[at - 1]]));
  const rows = new Int32Array(n);
  const counts = new Int32Array(n);
  const draws = new Float64Array(resamples);
  let kept = 0;
  for (let b = 0; b < resamples; b++) {
    drawRows(rows, blockLength, rng);
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[rows[i]]++;
    const area = weightedArea({ yTrue, order, tied, counts });
    if (!Number.isNaN(area)) draws[kept++] = area;
  }
  const sorted = draws.subarray(0, kept).sort();
  const tail = (1 - confidence) / 2;
  return {
    estimate: rocAuc(yTrue, scores),
    lower: quantileOfSorted(sorted, tail),
    upper: quantileOfSorted(sorted, 1 - tail),
    confidence,
    resamples: kept,
  };
}

interface Resample {
  readonly yTrue: Int32Array;
  /** Rows by falling score, and whether each has the score of the one before. */
  readonly order: Int32Array;
  readonly tied: Uint8Array;
  readonly counts: Int32Array;
}

function weightedArea({ yTrue, order, tied, counts }: Resample): number {
  let positives = 0;
  let negatives = 0;
  let area = 0;
  for (let i = 0; i < order.length; ) {
    let groupPositives = 0;
    let groupNegatives = 0;
    do {
      const row = order[i];
      if (yTrue[row] === 1) groupPositives += counts[row];
      else groupNegatives += counts[row];
      i++;
    } while (i < order.length && tied[i] === 1);
    area += groupNegatives * (positives + groupPositives / 2);
    positives += groupPositives;
    negatives += groupNegatives;
  }
  return positives === 0 || negatives === 0 ? Number.NaN : area / (positives * negatives);
}
