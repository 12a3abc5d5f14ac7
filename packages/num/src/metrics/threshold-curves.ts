import { checkRange } from '../checks.js';
import type { RankedRows } from './ranking-metrics.js';

/** Points of a ROC curve by falling threshold; the first threshold is Infinity: nothing called positive. */
export interface RocCurve {
  readonly falsePositiveRate: Float64Array;
  readonly truePositiveRate: Float64Array;
  readonly thresholds: Float64Array;
}

/** Points by rising threshold; the last is (1, 0) and has no threshold, as in scikit-learn. */
export interface PrecisionRecallCurve {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly thresholds: Float64Array;
}

interface Steps {
  readonly hits: Float64Array;
  readonly alarms: Float64Array;
  readonly thresholds: Float64Array;
}

/** Cumulated weight of true and false positives at each distinct score, from the highest. */
function stepsOf(rows: RankedRows, scores: Float64Array | Float32Array): Steps {
  const { order, positive, tied, weights } = rows;
  let size = 0;
  for (let i = 0; i < tied.length; i++) size += 1 - tied[i];
  const hits = new Float64Array(size);
  const alarms = new Float64Array(size);
  const thresholds = new Float64Array(size);
  let at = -1;
  for (let i = 0; i < order.length; i++) {
    if (tied[i] === 0) {
      at++;
      hits[at] = at === 0 ? 0 : hits[at - 1];
      alarms[at] = at === 0 ? 0 : alarms[at - 1];
      thresholds[at] = scores[order[i]];
    }
    const weight = weights === undefined ? 1 : weights[i];
    if (positive[i] === 1) hits[at] += weight;
    else alarms[at] += weight;
  }
  return { hits, alarms, thresholds };
}

/**
 * The ROC curve without the points that lie between two others on a line; at most `maxPoints` (default 200) of them,
 * spread evenly along the curve. A rate whose class does not occur is NaN.
 */
export function rocCurve(
  rows: RankedRows,
  scores: Float64Array | Float32Array,
  options: { maxPoints?: number } = {},
): RocCurve {
  const { hits, alarms, thresholds } = stepsOf(rows, scores);
  const positives = hits[hits.length - 1] ?? 0;
  const negatives = alarms[alarms.length - 1] ?? 0;
  const bends: number[] = [];
  for (let i = 0; i < hits.length; i++) {
    const first = i === 0 || i === hits.length - 1;
    const straight =
      !first && hits[i + 1] - 2 * hits[i] + hits[i - 1] === 0 && alarms[i + 1] - 2 * alarms[i] + alarms[i - 1] === 0;
    if (!straight) bends.push(i);
  }
  const x = Float64Array.from([0, ...bends.map((i) => alarms[i] / negatives)]);
  const y = Float64Array.from([0, ...bends.map((i) => hits[i] / positives)]);
  if (negatives === 0) x[0] = Number.NaN;
  if (positives === 0) y[0] = Number.NaN;
  const at = Float64Array.from([Number.POSITIVE_INFINITY, ...bends.map((i) => thresholds[i])]);
  const kept = evenly(x, y, options.maxPoints ?? 200);
  return { falsePositiveRate: pick(x, kept), truePositiveRate: pick(y, kept), thresholds: pick(at, kept) };
}

/** Precision and recall at each distinct score; at most `maxPoints` (default 200). Without positives recall is 1. */
export function precisionRecallCurve(
  rows: RankedRows,
  scores: Float64Array | Float32Array,
  options: { maxPoints?: number } = {},
): PrecisionRecallCurve {
  const { hits, alarms, thresholds } = stepsOf(rows, scores);
  const positives = hits[hits.length - 1] ?? 0;
  const last = hits.length;
  const precision = new Float64Array(last + 1);
  const recall = new Float64Array(last + 1);
  for (let i = 0; i < last; i++) {
    const from = last - 1 - i;
    const called = hits[from] + alarms[from];
    precision[i] = called > 0 ? hits[from] / called : 0;
    recall[i] = positives > 0 ? hits[from] / positives : 1;
  }
  precision[last] = 1;
  const kept = evenly(recall, precision, options.maxPoints ?? 200);
  const rising = thresholds.slice().reverse();
  return {
    precision: pick(precision, kept),
    recall: pick(recall, kept),
    thresholds: pick(rising, kept.subarray(0, kept.length - 1)),
  };
}

function pick(values: Float64Array, at: Int32Array): Float64Array {
  return Float64Array.from(at, (i) => values[i]);
}

/** The first, the last and, between them, points about equally far from each other along the curve. */
function evenly(x: Float64Array, y: Float64Array, maxPoints: number): Int32Array {
  checkRange('maxPoints', maxPoints, { min: 2, integer: true });
  const all = Int32Array.from(x.keys());
  if (x.length <= maxPoints) return all;
  const length = new Float64Array(x.length);
  for (let i = 1; i < x.length; i++) {
    const step = Math.abs(x[i] - x[i - 1]) + Math.abs(y[i] - y[i - 1]);
    length[i] = length[i - 1] + Math.max(step || 0, 0);
  }
  const pace = length[x.length - 1] / (maxPoints - 1);
  const kept = [0];
  for (let i = 1; i < x.length - 1; i++) {
    if (kept.length < maxPoints - 1 && length[i] >= pace * kept.length) kept.push(i);
  }
  kept.push(x.length - 1);
  return Int32Array.from(kept);
}
