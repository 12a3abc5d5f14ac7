import { describe, expect, it } from 'vitest';
import { quantile } from './census.mjs';

describe('quantile', () => {
  it('takes the nearest rank, so that the answer is a file that exists', () => {
    expect(quantile([10, 30, 20, 40], 0.5)).toBe(20);
    expect(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9)).toBe(9);
    expect(quantile([3, 1, 2], 1)).toBe(3);
  });

  it('is 0 of nothing', () => {
    expect(quantile([], 0.5)).toBe(0);
  });
});
