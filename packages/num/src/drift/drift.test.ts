import { describe, expect, it } from 'vitest';
import {
  type ColumnView,
  createRng,
  detectDrift,
  mergeProfiles,
  profileTable,
  type Rng,
  type TableView,
} from '../index.js';

type Draw = (rng: Rng) => number;

function numbers(n: number, draw: Draw, rng: Rng): ColumnView {
  return { kind: 'float64', values: Float64Array.from({ length: n }, () => draw(rng)) };
}
function words(n: number, categories: number, rng: Rng, change: (code: number) => number = (code) => code): ColumnView {
  const dictionary = Array.from({ length: categories + 1 }, (_, k) => `c${k}`);
  return { kind: 'string', codes: Int32Array.from({ length: n }, () => change(rng.int(categories))), dictionary };
}
const tableOf = (columns: Record<string, ColumnView>): TableView => {
  const [first] = Object.values(columns);
  const rowCount = first.kind === 'string' ? first.codes.length : first.values.length;
  return { rowCount, columns: new Map(Object.entries(columns)) };
};
const compare = (a: ColumnView, b: ColumnView) => {
  const reference = profileTable(tableOf({ x: a }));
  return detectDrift(reference, profileTable(tableOf({ x: b }), { reference })).columns[0];
};
const normal: Draw = (rng) => rng.normal();

describe('drift detection', () => {
  it('keeps its false-alarm rate for any shape of numbers, and raises almost no verdict', () => {
    const shapes: Record<string, Draw> = {
      normal,
      lognormal: (rng) => Math.exp(rng.normal()),
      cauchy: (rng) => rng.normal() / rng.normal(),
      constant: () => 7,
      fiveValues: (rng) => rng.int(5),
      halfMissing: (rng) => (rng.next() < 0.5 ? Number.NaN : rng.normal()),
    };
    for (const [shape, draw] of Object.entries(shapes)) {
      let small = 0;
      let drift = 0;
      for (let seed = 0; seed < 200; seed++) {
        const rng = createRng(seed).fork(shape);
        const found = compare(numbers(1000, draw, rng), numbers(500, draw, rng));
        if (found.pValue <= 0.05) small++;
        if (found.verdict === 'drift') drift++;
      }
      expect(small / 200, `${shape}: share of p ≤ .05`).toBeLessThan(0.095);
      expect(drift / 200, `${shape}: share of verdicts`).toBeLessThan(0.05);
    }
  });

  it('keeps it for categories, few or a thousand', () => {
    for (const categories of [3, 50, 1000]) {
      let small = 0;
      let drift = 0;
      for (let seed = 0; seed < 200; seed++) {
        const rng = createRng(seed).fork(categories);
        const found = compare(words(2000, categories, rng), words(1000, categories, rng));
        if (found.pValue <= 0.05) small++;
        if (found.verdict === 'drift') drift++;
      }
      expect(small / 200, `${categories} categories`).toBeLessThan(0.095);
      expect(drift / 200, `${categories} categories`).toBeLessThan(0.05);
    }
  });

  it('finds a shift of a fifth of a deviation in 5,000 rows, nearly always', () => {
    let found = 0;
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed);
      if (
        compare(
          numbers(5000, normal, rng),
          numbers(5000, (r) => r.normal() + 0.2, rng),
        ).verdict === 'drift'
      )
        found++;
    }
    expect(found).toBeGreaterThanOrEqual(95);
  });

  it('sees a real shift behind one absurd value, and is not alarmed by that value alone', () => {
    const rng = createRng(3);
    const outlier = (column: ColumnView): ColumnView => {
      if (column.kind === 'float64') column.values[0] = 1e6;
      return column;
    };
    const reference = numbers(10_000, normal, rng);
    expect(compare(reference, outlier(numbers(10_000, (r) => r.normal() + 1, rng))).verdict).toBe('drift');
    expect(compare(reference, outlier(numbers(10_000, normal, rng))).verdict).toBe('no-drift');
  });

  it('sees missing cells rise from 2 to 10 per cent, and a constant that changes', () => {
    const rng = createRng(4);
    const gaps =
      (share: number): Draw =>
      (r) =>
        r.next() < share ? Number.NaN : r.normal();
    const found = compare(numbers(5000, gaps(0.02), rng), numbers(5000, gaps(0.1), rng));
    expect(found.verdict).toBe('drift');
    expect(found.effect.name).toBe('jensen-shannon');
    expect(found.missingRatio.current).toBeCloseTo(0.1, 1);
    const constant = (value: number) => numbers(100, () => value, rng);
    expect(compare(constant(5), constant(5.5)).verdict).toBe('drift');
  });

  it('gives a finite answer for a category never seen, and names it', () => {
    const rng = createRng(6);
    const reference = words(1000, 3, rng);
    const once = words(1000, 3, rng);
    if (once.kind === 'string') once.codes[0] = 3;
    const found = compare(reference, once);
    expect(found.verdict).toBe('no-drift');
    expect(Number.isFinite(found.statistics.chiSquare)).toBe(true);
    expect(found.unseen).toEqual([['c3', 1]]);
    const often = words(1000, 3, rng, (code) => (rng.next() < 0.15 ? 3 : code));
    expect(compare(reference, often).verdict).toBe('drift');
  });

  it('says insufficient on a handful of rows, and on dependent rows that amount to a handful', () => {
    const rng = createRng(7);
    const a = numbers(1000, normal, rng);
    const b = numbers(20, (r) => r.normal() + 5, rng);
    expect(compare(a, b).verdict).toBe('insufficient');
    const reference = profileTable(tableOf({ x: a }));
    const current = profileTable(tableOf({ x: numbers(100, normal, rng) }), { reference });
    expect(detectDrift(reference, current, { effectiveRatio: 0.2 }).verdict).toBe('insufficient');
    expect(detectDrift(reference, current).verdict).toBe('no-drift');
  });
});

describe('a profile', () => {
  it('merges to the profile of all rows, in any order', () => {
    const rng = createRng(8);
    const all = numbers(3000, (r) => (r.next() < 0.05 ? Number.NaN : 1e9 + r.normal()), rng);
    const text = words(3000, 40, rng);
    if (all.kind !== 'float64' || text.kind !== 'string') throw new Error('kinds');
    const reference = profileTable(tableOf({ all, text }));
    const part = (from: number, to: number) =>
      profileTable(
        tableOf({
          all: { kind: 'float64', values: all.values.slice(from, to) },
          text: { ...text, codes: text.codes.slice(from, to) },
        }),
        { reference },
      );
    const merged = mergeProfiles(mergeProfiles(part(2000, 3000), part(0, 500)), part(500, 2000));
    expect(merged.columns[1]).toEqual(reference.columns[1]);
    const [a, b] = [merged.columns[0], reference.columns[0]];
    if (a.kind !== 'numeric' || b.kind !== 'numeric') throw new Error('kinds');
    expect({ ...a, mean: 0, m2: 0 }).toEqual({ ...b, mean: 0, m2: 0 });
    expect(a.mean).toBeCloseTo(b.mean, 6);
    expect(a.m2 / b.m2).toBeCloseTo(1, 7);
    expect(JSON.parse(JSON.stringify(merged))).toEqual(merged);
  });
});
