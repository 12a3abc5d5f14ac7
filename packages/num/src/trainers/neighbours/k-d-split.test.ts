import { describe, expect, it } from 'vitest';
import { createRng } from '../../random/rng.js';
import { selectHalf } from './k-d-split.js';

/** The rows before the middle, in their order, by the selection and by a full sort. */
function halves(values: readonly number[], start: number, end: number, middle: number): [number[], number[]] {
  const rows = Int32Array.from(values.keys());
  const keys = Float32Array.from(values);
  selectHalf({ rows, keys }, start, end, middle);
  expect(Array.from(keys)).toEqual(Array.from(rows, (row) => Math.fround(values[row])));
  const sorted = [...values.keys()]
    .slice(start, end)
    .sort((a, b) => Math.fround(values[a]) - Math.fround(values[b]) || a - b);
  const ascending = (list: Iterable<number>) => [...list].sort((a, b) => a - b);
  return [ascending(rows.subarray(start, middle)), ascending(sorted.slice(0, middle - start))];
}

describe('halving a span of points', () => {
  const rng = createRng(7);
  const shapes: Record<string, (i: number) => number> = {
    'in any order': () => rng.next(),
    ascending: (i) => i,
    descending: (i) => -i,
    'all equal': () => 3,
    'of few values': (i) => i % 3,
    'like an organ’s pipes': (i) => Math.min(i, 500 - i),
  };
  it.each(Object.keys(shapes))('takes what a sort by value and row would put first: values %s', (name) => {
    for (const size of [2, 15, 17, 500]) {
      const values = Array.from({ length: size }, (_, i) => Number(shapes[name]?.(i)));
      const [selected, sorted] = halves(values, 0, size, size >> 1);
      expect(selected).toEqual(sorted);
    }
  });

  it('leaves what lies outside the span alone', () => {
    const values = Array.from({ length: 300 }, () => rng.next());
    const [selected, sorted] = halves(values, 100, 200, 150);
    expect(selected).toEqual(sorted);
  });
});
