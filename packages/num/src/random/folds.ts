import { checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import type { Rng } from './rng.js';
import { range } from './split.js';

/** Row indices to fit on and to judge on; both sorted ascending. */
export interface Fold {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** k folds of `n` rows, contiguous without `rng`, shuffled with it. The first n mod k folds are one row larger. */
export function kFold(n: number, k: number, rng?: Rng): Fold[] {
  checkFolds(k, n);
  const order = rng ? rng.shuffle(range(n)) : range(n);
  const foldOf = new Int32Array(n);
  let position = 0;
  for (let fold = 0; fold < k; fold++) {
    const size = Math.floor(n / k) + (fold < n % k ? 1 : 0);
    for (let i = 0; i < size; i++) foldOf[order[position++]] = fold;
  }
  return fromAssignment(foldOf, k);
}

/** k folds in which each class code keeps its share, to within one row. */
export function stratifiedKFold(labels: Int32Array, k: number, rng?: Rng): Fold[] {
  checkFolds(k, labels.length);
  const order = rng ? rng.shuffle(range(labels.length)) : range(labels.length);
  const byClass = new Map<number, number[]>();
  for (const row of order) {
    const rows = byClass.get(labels[row]);
    if (rows) rows.push(row);
    else byClass.set(labels[row], [row]);
  }
  const foldOf = new Int32Array(labels.length);
  let dealt = 0;
  for (const label of [...byClass.keys()].sort((a, b) => a - b)) {
    for (const row of byClass.get(label) ?? []) foldOf[row] = dealt++ % k;
  }
  return fromAssignment(foldOf, k);
}

export interface TimeSeriesFoldOptions {
  readonly folds: number;
  /** Rows left out between train and test, so that a horizon of `gap` rows cannot leak. Default 0. */
  readonly gap?: number;
  /** Rows per test part. Default floor(n / (folds + 1)). */
  readonly testSize?: number;
}

/**
 * Expanding window over rows already sorted by time: each fold trains on everything before its test part
 * (less the gap). Same folds as scikit-learn's TimeSeriesSplit.
 *
 * @example timeSeriesFolds(6, { folds: 2 }) // train [0,1] test [2,3]; train [0,1,2,3] test [4,5]
 */
export function timeSeriesFolds(n: number, options: TimeSeriesFoldOptions): Fold[] {
  const { folds, gap = 0 } = options;
  checkRange('folds', folds, { min: 1, integer: true });
  checkRange('gap', gap, { min: 0, integer: true });
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
    return { train: all.slice(0, start - gap), test: all.slice(start, start + testSize) };
  });
}

function checkFolds(k: number, n: number): void {
  checkRange('k', k, { min: 2, integer: true });
  if (k > n) throw numErrors.NUM_TOO_FEW(`${n} rows cannot make ${k} folds.`, { data: { rows: n, folds: k } });
}

function fromAssignment(foldOf: Int32Array, k: number): Fold[] {
  const rows = range(foldOf.length);
  return Array.from({ length: k }, (_, fold) => ({
    train: rows.filter((row) => foldOf[row] !== fold),
    test: rows.filter((row) => foldOf[row] === fold),
  }));
}
