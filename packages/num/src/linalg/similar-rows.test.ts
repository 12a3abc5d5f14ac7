import { describe, expect, it } from 'vitest';
import { createRng } from '../random/rng.js';
import { similarRows } from './similar-rows.js';

const rng = createRng(3);
const random = (count: number) => Float32Array.from({ length: count }, () => rng.next());

describe('similarRows', () => {
  it('names every row of the range once', () => {
    for (const columnCount of [0, 1, 6, 31, 40]) {
      const columns = Array.from({ length: columnCount }, () => random(300));
      const order = similarRows(columns, 50, 290);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 240 }, (_, i) => 50 + i));
    }
  });

  it('brings rows together that agree in all columns', () => {
    const columns = [2, 3, 5].map((kinds) => random(4000).map((value) => Math.floor(value * kinds)));
    const order = similarRows(columns, 0, 4000);
    let changes = 0;
    for (let i = 1; i < order.length; i++) {
      if (columns.some((column) => column[order[i]] !== column[order[i - 1]])) changes++;
    }
    expect(changes).toBe(2 * 3 * 5 - 1);
  });

  it('leaves equal rows in their order and counts missing values among the smallest', () => {
    expect([...similarRows([new Float32Array(4)], 0, 4)]).toEqual([0, 1, 2, 3]);
    expect([...similarRows([Float32Array.of(2, Number.NaN, 1, Number.NaN)], 0, 4)]).toEqual([1, 2, 3, 0]);
    expect([...similarRows([new Float32Array(3).fill(Number.NaN)], 0, 3)]).toEqual([0, 1, 2]);
    expect(similarRows([random(4)], 2, 2)).toHaveLength(0);
  });
});
