import type { Interval } from '@fairlead/kernel';
import { checkLength, checkRange } from '../checks.js';
import { type RankedRows, rankRows } from '../metrics/ranking-metrics.js';
import { normalQuantile, normalSurvival } from '../special/special-functions.js';

/** Difference of two areas on the same rows. */
export interface PairedAreas {
  readonly difference: Interval;
  /** Two-sided. */
  readonly pValue: number;
}

/**
 * Interval of the area under the ROC curve by DeLong, DeLong & Clarke-Pearson (1988), from placements as in Sun & Xu
 * (2014): one sort, no resampling. Cut at 0 and 1. NaN when only one class occurs; no width when the classes do not
 * overlap, because the method sees no spread there.
 */
export function delongInterval(yTrue: Int32Array, scores: Float64Array | Float32Array, confidence = 0.95): Interval {
  checkRange('confidence', confidence, { min: 0.5, max: 0.9999 });
  const { placements, positives, negatives, area } = placementsOf(rankRows(yTrue, scores));
  const variance = covariance(yTrue, placements, placements, { positives, negatives });
  return normalInterval({ estimate: area, variance, confidence }, { min: 0, max: 1 });
}

/** Interval and test of area(a) − area(b) on the same rows, their covariance included. p = 1 when they never differ. */
export function delongPaired(
  yTrue: Int32Array,
  scores: { readonly a: Float64Array | Float32Array; readonly b: Float64Array | Float32Array },
  confidence = 0.95,
): PairedAreas {
  checkLength('scores b', scores.b.length, scores.a.length);
  checkRange('confidence', confidence, { min: 0.5, max: 0.9999 });
  const a = placementsOf(rankRows(yTrue, scores.a));
  const b = placementsOf(rankRows(yTrue, scores.b));
  const gap = a.placements.map((place, i) => place - b.placements[i]);
  const variance = covariance(yTrue, gap, gap, a);
  const estimate = a.area - b.area;
  const pValue = variance > 0 ? 2 * normalSurvival(Math.abs(estimate) / Math.sqrt(variance)) : estimate === 0 ? 1 : 0;
  return { difference: normalInterval({ estimate, variance, confidence }, { min: -1, max: 1 }), pValue };
}

function normalInterval(
  { estimate, variance, confidence }: { estimate: number; variance: number; confidence: number },
  { min, max }: { min: number; max: number },
): Interval {
  const half = normalQuantile(1 - (1 - confidence) / 2) * Math.sqrt(Math.max(0, variance));
  // Math.max keeps NaN, which one class alone gives.
  return { estimate, lower: Math.max(min, estimate - half), upper: Math.min(max, estimate + half), confidence };
}

/** For each row the share of the other class on its right side, ties half. */
function placementsOf({ order, positive, tied }: RankedRows) {
  const n = order.length;
  const placements = new Float64Array(n);
  let positives = 0;
  for (let i = 0; i < n; i++) positives += positive[i];
  const negatives = n - positives;
  let above = 0; // positives with a higher score
  let aboveNegatives = 0;
  let area = 0;
  for (let from = 0; from < n; ) {
    let to = from;
    let here = 0;
    do here += positive[to++];
    while (to < n && tied[to] === 1);
    const hereNegatives = to - from - here;
    const ofPositive = (negatives - aboveNegatives - hereNegatives / 2) / negatives;
    const ofNegative = (above + here / 2) / positives;
    for (let i = from; i < to; i++) placements[order[i]] = positive[i] === 1 ? ofPositive : ofNegative;
    if (here > 0) area += here * ofPositive;
    above += here;
    aboveNegatives += hereNegatives;
    from = to;
  }
  return { placements, positives, negatives, area: positives > 0 && negatives > 0 ? area / positives : Number.NaN };
}

/** S₁₀/m + S₀₁/n of placements; a class of one row adds nothing. */
function covariance(
  yTrue: Int32Array,
  a: Float64Array,
  b: Float64Array,
  { positives, negatives }: { positives: number; negatives: number },
): number {
  if (positives === 0 || negatives === 0) return Number.NaN;
  const sums = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const k = yTrue[i] === 1 ? 1 : 0;
    sums[k] += a[i];
    sums[2 + k] += b[i];
  }
  const size = [negatives, positives];
  const products = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const k = yTrue[i] === 1 ? 1 : 0;
    products[k] += (a[i] - sums[k] / size[k]) * (b[i] - sums[2 + k] / size[k]);
  }
  return products.reduce((sum, product, k) => sum + (size[k] > 1 ? product / (size[k] - 1) / size[k] : 0), 0);
}
