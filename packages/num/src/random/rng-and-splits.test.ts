import { describe, expect, it } from 'vitest';
import {
  createRng,
  kFold,
  range,
  splitByGroup,
  splitByTime,
  splitRandom,
  stratifiedKFold,
  timeSeriesFolds,
} from '../index.js';

describe('the random number generator', () => {
  it('gives the same numbers for the same seed, and zero is a seed', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, createRng(seed).next);
    expect(draw(0)).toEqual(draw(0));
    expect(draw(0)).not.toEqual(draw(1));
    expect(new Set([...draw(0), ...draw(1), ...draw(2)]).size).toBe(15);
  });

  it('forks by label, whatever was drawn before', () => {
    const fresh = createRng(7).fork('tree').fork(3).next();
    const used = createRng(7);
    for (let i = 0; i < 100; i++) used.next();
    expect(used.fork('tree').fork(3).next()).toBe(fresh);
    expect(createRng(7).fork('3').next()).not.toBe(createRng(7).fork(3).next());
  });

  it('keeps thousands of forks apart', () => {
    const root = createRng(0);
    const first = Array.from({ length: 5000 }, (_, i) => root.fork(i).next());
    expect(new Set(first).size).toBe(5000);
    const mean = first.reduce((sum, x) => sum + x, 0) / 5000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
  });

  it('draws integers evenly and normals with mean 0 and variance 1', () => {
    const rng = createRng(11);
    const counts = new Float64Array(6);
    let [sum, squares] = [0, 0];
    for (let i = 0; i < 60_000; i++) {
      counts[rng.int(6)]++;
      const z = rng.normal();
      sum += z;
      squares += z * z;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(450);
    expect(Math.abs(sum / 60_000)).toBeLessThan(0.02);
    expect(Math.abs(squares / 60_000 - 1)).toBeLessThan(0.03);
  });

  it('refuses a seed that is not an unsigned 32-bit integer', () => {
    for (const seed of [-1, 1.5, 2 ** 32, Number.NaN]) expect(() => createRng(seed)).toThrow(/seed is/);
  });
});

describe('splits', () => {
  it('part time at half-open boundaries, whatever the order of rows', () => {
    const parts = splitByTime(Float64Array.of(50, 10, 30, 20, 40), [20, 40]);
    expect(parts.map((part) => [...part])).toEqual([[1], [3, 2], [4, 0]]);
    expect(() => splitByTime(Float64Array.of(1, Number.NaN), [1])).toThrow(/timestamps\[1\] is missing/);
    expect(() => splitByTime(Float64Array.of(1), [2, 2])).toThrow(/must be later/);
  });

  it('cover every row once in the asked sizes', () => {
    const parts = splitRandom(101, [0.6, 0.2, 0.2], createRng(1));
    expect(parts.map((part) => part.length)).toEqual([61, 20, 20]);
    expect([...parts.flatMap((part) => [...part])].sort((a, b) => a - b)).toEqual([...range(101)]);
    expect(() => splitRandom(10, [0.5, 0.4], createRng(1))).toThrow(/sum to 1/);
  });

  it('never part a group', () => {
    const groups = Int32Array.from({ length: 300 }, (_, i) => i % 37);
    const parts = splitByGroup(groups, [0.7, 0.3], createRng(2));
    const seen = parts.map((part) => new Set([...part].map((row) => groups[row])));
    expect([...seen[0]].filter((group) => seen[1].has(group))).toEqual([]);
    expect(parts[0].length + parts[1].length).toBe(300);
    expect(Math.abs(parts[0].length / 300 - 0.7)).toBeLessThan(0.05);
  });
});

describe('folds', () => {
  it('test every row once, and stratified ones keep the share of each class', () => {
    const labels = Int32Array.from({ length: 103 }, (_, i) => Number(i % 4 === 0));
    for (const folds of [kFold(103, 5), kFold(103, 5, createRng(1)), stratifiedKFold(labels, 5, createRng(1))]) {
      expect(folds.flatMap((fold) => [...fold.test]).sort((a, b) => a - b)).toEqual([...range(103)]);
      for (const fold of folds) expect(fold.train.length + fold.test.length).toBe(103);
    }
    for (const { test } of stratifiedKFold(labels, 5, createRng(1))) {
      const positives = [...test].filter((row) => labels[row] === 1).length;
      expect([5, 6]).toContain(positives);
    }
  });

  it('of a time series expand, keep the gap and are those of TimeSeriesSplit', () => {
    const plain = timeSeriesFolds(6, { folds: 2 }).map((fold) => [[...fold.train], [...fold.test]]);
    expect(plain).toEqual([
      [
        [0, 1],
        [2, 3],
      ],
      [
        [0, 1, 2, 3],
        [4, 5],
      ],
    ]);
    const gapped = timeSeriesFolds(12, { folds: 3, gap: 2, testSize: 2 });
    expect(gapped.map((fold) => fold.train.length)).toEqual([4, 6, 8]);
    expect(gapped.map((fold) => fold.test[0])).toEqual([6, 8, 10]);
    expect(() => timeSeriesFolds(5, { folds: 4, gap: 1 })).toThrow(/too few/);
  });
});
