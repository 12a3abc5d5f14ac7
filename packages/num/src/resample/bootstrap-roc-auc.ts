import { brierRows } from '../metrics/probability-metrics.js';
import { rankedAveragePrecision, rankedRocAuc, rankRows } from '../metrics/ranking-metrics.js';
import { type BootstrapInterval, type BootstrapOptions, drawRows, planBootstrap, summariseDraws } from './bootstrap.js';

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
  return bootstrapRanks(yTrue, scores, options).rocAuc;
}

/** {@link bootstrapRocAuc} and the same of the average precision, on the same resamples. */
export function bootstrapRanks(
  yTrue: Int32Array,
  scores: Float64Array,
  options: BootstrapOptions,
): { readonly rocAuc: BootstrapInterval; readonly averagePrecision: BootstrapInterval } {
  const { rng } = options;
  const n = yTrue.length;
  const ranked = rankRows(yTrue, scores);
  const plan = planBootstrap(n, options, options.blockLength === 'auto' ? brierRows(yTrue, scores) : undefined);
  const { order, positive, tied } = ranked;
  const rows = new Int32Array(n);
  const counts = new Int32Array(n);
  const areas = new Float64Array(plan.resamples);
  const precisions = new Float64Array(plan.resamples);
  const place = new Int32Array(n);
  for (let i = 0; i < n; i++) place[order[i]] = i;
  for (let b = 0; b < plan.resamples; b++) {
    drawRows(rows, plan.blockLength, rng);
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[place[rows[i]]]++;
    const { area, precision } = weightedRanks({ positive, tied, counts });
    areas[b] = area;
    precisions[b] = precision;
  }
  return {
    rocAuc: summariseDraws(rankedRocAuc(ranked), areas, plan),
    averagePrecision: summariseDraws(rankedAveragePrecision(ranked), precisions, plan),
  };
}

interface Resample {
  /** Class and tie with the one before, by falling score. */
  readonly positive: Uint8Array;
  readonly tied: Uint8Array;
  readonly counts: Int32Array;
}

function weightedRanks({ positive, tied, counts }: Resample): { area: number; precision: number } {
  let positives = 0;
  let negatives = 0;
  let area = 0;
  let sum = 0;
  for (let i = 0; i < counts.length; ) {
    let groupPositives = 0;
    let groupNegatives = 0;
    do {
      if (positive[i] === 1) groupPositives += counts[i];
      else groupNegatives += counts[i];
      i++;
    } while (i < counts.length && tied[i] === 1);
    area += groupNegatives * (positives + groupPositives / 2);
    positives += groupPositives;
    negatives += groupNegatives;
    if (groupPositives > 0) sum += (groupPositives * positives) / (positives + negatives);
  }
  if (positives === 0 || negatives === 0) return { area: Number.NaN, precision: Number.NaN };
  return { area: area / (positives * negatives), precision: sum / positives };
}
