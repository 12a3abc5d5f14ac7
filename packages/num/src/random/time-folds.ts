import { checkLength, checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import type { Fold } from './folds.js';
import { range } from './split.js';

export interface TimeSeriesFoldOptions {
  readonly folds: number;
  /** Rows left out between train and test, so that a horizon of `gap` rows cannot leak. Default 0. */
  readonly gap?: number;
  /** Rows per test part. Default floor(n / (folds + 1)). */
  readonly testSize?: number;
  /** Rows to train on at most, the newest: a sliding window. Default: all, an expanding window. */
  readonly maxTrainSize?: number;
}

/**
 * Folds over rows already sorted by time: each trains on what comes before its test part (less the gap). Same folds as
 * scikit-learn's TimeSeriesSplit.
 *
 * @example timeSeriesFolds(6, { folds: 2 }) // train [0,1] test [2,3]; train [0,1,2,3] test [4,5]
 */
export function timeSeriesFolds(n: number, options: TimeSeriesFoldOptions): Fold[] {
  const { folds, gap = 0, maxTrainSize = Number.MAX_SAFE_INTEGER } = options;
  checkRange('folds', folds, { min: 1, integer: true });
  checkRange('gap', gap, { min: 0, integer: true });
  checkRange('maxTrainSize', maxTrainSize, { min: 1, integer: true });
  const testSize = options.testSize ?? Math.floor(n / (folds + 1));
  const firstTest = n - folds * testSize;
  if (testSize < 1 || firstTest - gap < 1) {
    throw numErrors.NUM_TOO_FEW(`${n} rows are too few for ${folds} folds of ${testSize} rows and a gap of ${gap}.`, {
      data: { rows: n, folds, testSize, gap },
    });
  }
  const all = range(n);
  return Array.from({ length: folds }, (_, fold) => {
    const start = firstTest + fold * testSize;
    const end = start - gap;
    return { train: all.slice(Math.max(0, end - maxTrainSize), end), test: all.slice(start, start + testSize) };
  });
}

/** What each row's label looks at, [start, end) in any unit of time, and how long after a test part nothing is trained on. */
export interface LabelTimes {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Same unit; default 0. */
  readonly embargo?: number;
}

/**
 * Purged folds (M. López de Prado, Advances in Financial Machine Learning, 2018, ch. 7): training rows whose label's
 * time overlaps that of a test row, or that begin within the embargo after it, are left out. For folds that are no time
 * series split, where labels look ahead and would leak.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE or NUM_RANGE for times that are absent or end before they start, NUM_TOO_FEW when a
 * fold keeps no training row.
 */
export function purgeFolds(folds: readonly Fold[], times: LabelTimes): Fold[] {
  const { starts, ends, embargo = 0 } = times;
  checkLength('ends', ends.length, starts.length);
  checkRange('embargo', embargo, { min: 0 });
  const bad = starts.findIndex((start, row) => !(ends[row] >= start) || !Number.isFinite(ends[row] - start));
  if (bad >= 0) {
    const text = `Row ${bad}'s label runs from ${starts[bad]} to ${ends[bad]}; it needs finite times, the end not before the start.`;
    throw numErrors.NUM_RANGE(text, { data: { row: bad } });
  }
  return folds.map(({ train, test }, index) => {
    const spans = mergedSpans(test, times, embargo);
    const kept = train.filter((row) => !overlaps(spans, starts[row], ends[row]));
    if (kept.length > 0) return { train: kept, test };
    throw numErrors.NUM_TOO_FEW(`Fold ${index} keeps no training row after purging.`, {
      data: { fold: index, embargo },
    });
  });
}

/** The test rows' times, each longer by the embargo, joined where they touch: starts and ends, both rising. */
function mergedSpans(
  test: Int32Array,
  { starts, ends }: LabelTimes,
  embargo: number,
): { from: number[]; to: number[] } {
  const order = Array.from(test).sort((a, b) => starts[a] - starts[b]);
  const from: number[] = [];
  const to: number[] = [];
  for (const row of order) {
    const last = to.length - 1;
    const end = ends[row] + embargo;
    if (last >= 0 && starts[row] <= to[last]) to[last] = Math.max(to[last], end);
    else {
      from.push(starts[row]);
      to.push(end);
    }
  }
  return { from, to };
}

function overlaps(
  { from, to }: { from: readonly number[]; to: readonly number[] },
  start: number,
  end: number,
): boolean {
  let low = 0;
  let high = to.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (to[middle] <= start) low = middle + 1;
    else high = middle;
  }
  return low < from.length && from[low] < end;
}
