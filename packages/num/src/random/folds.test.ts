// Golden folds: scikit-learn 1.9.1, without shuffling.
import { describe, expect, it } from 'vitest';
import {
  createRng,
  type Fold,
  foldClasses,
  groupKFold,
  holdOut,
  kFold,
  leaveOneGroupOut,
  planFolds,
  planNestedFolds,
  purgeFolds,
  range,
  stratifiedGroupKFold,
  stratifiedKFold,
  timeSeriesFolds,
} from '../index.js';

const labels = Int32Array.of(2, 0, 1, 1, 1, 2, 0, 2, 0, 0, 0, 2, 1, 2, 2, 0, 1, 1, 1, 1, 0, 1, 0);
const groups = Int32Array.of(3, 0, 3, 5, 6, 7, 7, 0, 2, 3, 0, 1, 3, 5, 3, 3, 6, 7, 0, 1, 1, 1, 7);

/** Fold that tests each row, one digit per row. */
function assignment(folds: readonly Fold[]): string {
  const foldOf = new Int32Array(folds[0].train.length + folds[0].test.length).fill(-1);
  for (const [fold, { test }] of folds.entries()) for (const row of test) foldOf[row] = fold;
  return foldOf.join('');
}

describe('folds without shuffling are those of scikit-learn', () => {
  it('by rows, classes and groups', () => {
    expect(assignment(kFold(23, 4))).toBe('00000011111122222233333');
    expect(assignment(stratifiedKFold(labels, 4))).toBe('00001001112112322223333');
    expect(assignment(stratifiedKFold(labels, 2))).toBe('00000000001101110111111');
    expect(assignment(groupKFold(groups, 3))).toBe('01002111201200002112221');
    expect(assignment(groupKFold(groups, 5))).toBe('03044113103204004132221');
    expect(assignment(stratifiedGroupKFold(labels, groups, 3))).toBe('11100221011210110212222');
    expect(assignment(stratifiedGroupKFold(labels, groups, 4))).toBe('23220003223122220031110');
    expect(assignment(leaveOneGroupOut(groups))).toBe('30345660230134335601116');
  });

  it('by time, expanding and sliding', () => {
    const ends = (folds: readonly Fold[]) =>
      folds.map(({ train, test }) => [train[0], train[train.length - 1] + 1, test[0], test[test.length - 1] + 1]);
    expect(ends(timeSeriesFolds(23, { folds: 4 }))).toEqual([
      [0, 7, 7, 11],
      [0, 11, 11, 15],
      [0, 15, 15, 19],
      [0, 19, 19, 23],
    ]);
    expect(ends(timeSeriesFolds(23, { folds: 3, gap: 2, testSize: 3, maxTrainSize: 6 }))).toEqual([
      [6, 12, 14, 17],
      [9, 15, 17, 20],
      [12, 18, 20, 23],
    ]);
  });
});

describe('shuffled folds', () => {
  it('test every row once, keep shares and groups, and depend on the seed alone', () => {
    for (const seed of [1, 2, 3]) {
      const schemes = [
        () => stratifiedKFold(labels, 3, createRng(seed)),
        () => groupKFold(groups, 3, createRng(seed)),
        () => stratifiedGroupKFold(labels, groups, 3, createRng(seed)),
      ];
      for (const make of schemes) {
        const folds = make();
        expect(folds.flatMap(({ test }) => [...test]).sort((a, b) => a - b)).toEqual([...range(23)]);
        expect(make()).toEqual(folds);
      }
      for (const { test } of stratifiedKFold(labels, 3, createRng(seed))) {
        expect([3, 4]).toContain([...test].filter((row) => labels[row] === 1).length);
      }
      for (const { train, test } of schemes.slice(1).flatMap((make) => make())) {
        const tested = new Set([...test].map((row) => groups[row]));
        expect([...train].some((row) => tested.has(groups[row]))).toBe(false);
      }
    }
    expect(assignment(stratifiedKFold(labels, 3, createRng(1)))).not.toBe(
      assignment(stratifiedKFold(labels, 3, createRng(2))),
    );
  });

  it('refuse what cannot be parted', () => {
    expect(() => kFold(3, 4)).toThrow(/3 rows cannot make 4 folds/);
    expect(() => stratifiedKFold(Int32Array.of(0, 1, 2, 3), 2)).toThrow(/largest class has 1 rows/);
    expect(() => groupKFold(Int32Array.of(1, 1, 1), 2)).toThrow(/1 groups cannot make 2 folds/);
    expect(() => leaveOneGroupOut(Int32Array.of(1, 1))).toThrow(/1 groups/);
    expect(() => stratifiedGroupKFold(labels, groups.slice(1), 3)).toThrow(/groups has 22/);
    expect(() => holdOut(1, 0.5)).toThrow(/cannot be parted/);
    expect(() => holdOut(9, 1)).toThrow(/between 0 and 1/);
  });
});

describe('purging', () => {
  // Row i is known at hour i and its label looks two hours ahead.
  const starts = Float64Array.from(range(12));
  const ends = starts.map((start) => start + 2);

  it('leaves out training rows whose label overlaps a test row’s, and an embargo after it', () => {
    const [fold] = purgeFolds([{ train: range(12).filter((i) => i < 4 || i > 6), test: Int32Array.of(4, 5, 6) }], {
      starts,
      ends,
    });
    expect([...fold.train]).toEqual([0, 1, 2, 8, 9, 10, 11]);
    const [late] = purgeFolds([{ train: range(12).filter((i) => i < 4 || i > 6), test: Int32Array.of(4, 5, 6) }], {
      starts,
      ends,
      embargo: 2,
    });
    expect([...late.train]).toEqual([0, 1, 2, 10, 11]);
  });

  it('refuses to leave nothing, and times that run backwards', () => {
    expect(() => purgeFolds(kFold(12, 2), { starts, ends, embargo: 99 }).length).toThrow(
      /Fold 0 keeps no training row/,
    );
    expect(() => purgeFolds(kFold(12, 2), { starts: ends, ends: starts })).toThrow(/Row 0's label runs from 2 to 0/);
  });
});

describe('the classes of folds', () => {
  it('are judged part by part', () => {
    expect(foldClasses(stratifiedKFold(labels, 3), labels)).toEqual({ verdict: 'pass' });
    const sorted = Int32Array.of(0, 0, 0, 1, 1, 2);
    expect(foldClasses(kFold(6, 2), sorted)).toEqual({
      verdict: 'fail',
      problems: [
        { fold: 0, part: 'train', problem: 'class-absent', classes: [0] },
        { fold: 0, part: 'test', problem: 'one-class', classes: [0] },
        { fold: 1, part: 'train', problem: 'one-class', classes: [0] },
        { fold: 1, part: 'test', problem: 'class-absent', classes: [0] },
      ],
    });
    const constant = new Int32Array(6);
    expect(foldClasses(kFold(6, 2), constant)).toMatchObject({ verdict: 'fail', problems: { length: 4 } });
    const none = [{ train: range(6), test: new Int32Array(0) }];
    expect(foldClasses(none, sorted)).toMatchObject({ problems: [{ part: 'test', problem: 'empty' }] });
  });
});

describe('a scheme given as data', () => {
  const data = { rowCount: 23, labels, groups };

  it('makes each kind of folds', () => {
    expect(assignment(planFolds({ kind: 'group', folds: 3, shuffle: false }, data, 0))).toBe('01002111201200002112221');
    expect(planFolds({ kind: 'k-fold', folds: 4, repeats: 3 }, data, 0)).toHaveLength(12);
    expect(planFolds({ kind: 'time-series', folds: 2, gap: 1 }, data, 0)).toHaveLength(2);
    expect(planFolds({ kind: 'leave-one-group-out' }, data, 0)).toHaveLength(7);
    expect([...planFolds({ kind: 'hold-out', testRatio: 0.2, shuffle: false }, data, 0)[0].test]).toEqual([
      18, 19, 20, 21, 22,
    ]);
    const [first, again] = [0, 0].map((seed) => planFolds({ kind: 'stratified-group', folds: 3 }, data, seed));
    expect(first).toEqual(again);
    const repeats = planFolds({ kind: 'stratified', folds: 3, repeats: 2 }, data, 0);
    expect(assignment(repeats.slice(0, 3))).not.toBe(assignment(repeats.slice(3)));
  });

  it('nests folds inside training rows, groups kept whole', () => {
    const inner = { kind: 'group', folds: 2 } as const;
    for (const fold of planNestedFolds({ outer: { kind: 'group', folds: 3 }, inner }, data, 1)) {
      expect(fold.inner).toHaveLength(2);
      const outerTest = new Set(fold.test);
      for (const { train, test } of fold.inner) {
        expect([...train, ...test].sort((a, b) => a - b)).toEqual([...fold.train]);
        expect([...train, ...test].some((row) => outerTest.has(row))).toBe(false);
        const tested = new Set([...test].map((row) => groups[row]));
        expect([...train].some((row) => tested.has(groups[row]))).toBe(false);
      }
    }
  });

  it('names what is missing', () => {
    expect(() => planFolds({ kind: 'stratified', folds: 3 }, { rowCount: 9 }, 0)).toThrow(/need labels/);
    expect(() => planFolds({ kind: 'k-fold', folds: 3, shuffle: false, repeats: 2 }, data, 0)).toThrow(/not shuffled/);
  });
});
