import { checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import type { Rng } from './rng.js';
import { range } from './split.js';

/** Row indices to fit on and to judge on; both sorted ascending. */
export interface Fold {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * k folds of `n` rows, contiguous without `rng`, shuffled with it. The first n mod k folds are one row larger. Without
 * `rng` the folds of scikit-learn's KFold.
 */
export function kFold(n: number, k: number, rng?: Rng): Fold[] {
  checkFolds(k, n);
  const order = rng ? rng.shuffle(range(n)) : range(n);
  const foldOf = new Int32Array(n);
  let position = 0;
  for (let fold = 0; fold < k; fold++) {
    const size = Math.floor(n / k) + (fold < n % k ? 1 : 0);
    for (let i = 0; i < size; i++) foldOf[order[position++]] = fold;
  }
  return foldsOf(foldOf, k);
}

/**
 * k folds in which each class code keeps its share, to within one row. Without `rng` each class is cut into blocks in
 * the order of rows: the folds of scikit-learn's StratifiedKFold. A class with fewer than k rows is absent from some
 * folds: `foldClasses` tells which.
 *
 * @throws NUM_TOO_FEW when every class has fewer than k rows.
 */
export function stratifiedKFold(labels: Int32Array, k: number, rng?: Rng): Fold[] {
  const n = labels.length;
  checkFolds(k, n);
  const classes = byFirstSight(labels);
  let largest = 0;
  for (const rows of classes) largest = Math.max(largest, rows.length);
  if (largest < k) {
    throw numErrors.NUM_TOO_FEW(`The largest class has ${largest} rows: it cannot be in each of ${k} folds.`, {
      data: { rows: largest, folds: k },
    });
  }
  const foldOf = new Int32Array(n);
  let start = 0;
  for (const rows of classes) {
    // Row number `start + i` of the rows sorted by class goes to fold (start + i) mod k; those counts, laid out in blocks.
    const folds = Int32Array.from(rows, (_, i) => (start + i) % k).sort();
    if (rng) rng.shuffle(folds);
    for (let i = 0; i < rows.length; i++) foldOf[rows[i]] = folds[i];
    start += rows.length;
  }
  return foldsOf(foldOf, k);
}

/** Rows of each label, labels in the order in which they first occur. */
function byFirstSight(labels: Int32Array): number[][] {
  const rowsOf = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const rows = rowsOf.get(labels[row]);
    if (rows) rows.push(row);
    else rowsOf.set(labels[row], [row]);
  }
  return [...rowsOf.values()];
}

/** One fold: the last rows, or random ones with `rng`, are the test part. `testRatio` in (0, 1); both parts keep a row at least. */
export function holdOut(n: number, testRatio: number, rng?: Rng): Fold {
  if (!(testRatio > 0 && testRatio < 1)) {
    throw numErrors.NUM_RANGE(`testRatio is ${testRatio}, but must be between 0 and 1.`, { data: { testRatio } });
  }
  if (n < 2) throw numErrors.NUM_TOO_FEW(`${n} rows cannot be parted.`, { data: { rows: n } });
  const testCount = Math.min(Math.max(Math.round(n * testRatio), 1), n - 1);
  const order = rng ? rng.shuffle(range(n)) : range(n);
  return { train: order.slice(0, n - testCount).sort(), test: order.slice(n - testCount).sort() };
}

/** The folds of `make` for each of `repeats` generators, one after the other. */
export function repeatedFolds(repeats: number, rng: Rng, make: (rng: Rng) => readonly Fold[]): Fold[] {
  checkRange('repeats', repeats, { min: 1, integer: true });
  return Array.from({ length: repeats }, (_, repeat) => make(rng.fork(repeat))).flat();
}

export interface NestedFold extends Fold {
  /** Folds of the rows in `train`, to choose a model by; `test` judges the choice. Indices of rows of the whole. */
  readonly inner: readonly Fold[];
}

/** Folds within folds: `makeInner` is given an outer fold's training rows and answers folds of the positions among them. */
export function nestedFolds(
  outer: readonly Fold[],
  makeInner: (rows: Int32Array, outerIndex: number) => readonly Fold[],
): NestedFold[] {
  return outer.map((fold, index) => {
    const rowsAt = (positions: Int32Array) => positions.map((position) => fold.train[position]);
    const inner = makeInner(fold.train, index).map(({ train, test }) => ({ train: rowsAt(train), test: rowsAt(test) }));
    return { ...fold, inner };
  });
}

/** @throws NUM_RANGE for fewer than 2 folds, NUM_TOO_FEW for fewer `things` than folds. */
export function checkFolds(k: number, count: number, things = 'rows'): void {
  checkRange('k', k, { min: 2, integer: true });
  if (k > count) {
    throw numErrors.NUM_TOO_FEW(`${count} ${things} cannot make ${k} folds.`, { data: { [things]: count, folds: k } });
  }
}

/** Fold f tests the rows with foldOf[row] = f and trains on all others. */
export function foldsOf(foldOf: Int32Array, k: number): Fold[] {
  const rows = range(foldOf.length);
  return Array.from({ length: k }, (_, fold) => ({
    train: rows.filter((row) => foldOf[row] !== fold),
    test: rows.filter((row) => foldOf[row] === fold),
  }));
}
