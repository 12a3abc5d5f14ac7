import { describe, expect, it } from 'vitest';
import { bootstrapMeans, createRng, mean, pairedBootstrap, quantileOfSorted } from '../index.js';

/** AR(1) noise around `level`: neighbours repeat each other. */
function series(n: number, seed: number, memory: number): Float64Array {
  const rng = createRng(seed);
  const out = new Float64Array(n);
  let state = rng.normal() / Math.sqrt(1 - memory * memory);
  for (let i = 0; i < n; i++) {
    out[i] = state;
    state = memory * state + rng.normal();
  }
  return out;
}

describe('the bootstrap', () => {
  it('covers the truth about as often as it says, and with blocks also in a time series', () => {
    const coverage = (memory: number, blockLength: number): number => {
      let covered = 0;
      for (let seed = 0; seed < 150; seed++) {
        const values = series(200, seed, memory);
        const options = { rng: createRng(seed).fork('boot'), resamples: 300, blockLength };
        const { lower, upper } = bootstrapMeans([values], (means) => means[0], options);
        if (lower <= 0 && upper >= 0) covered++;
      }
      return covered / 150;
    };
    expect(coverage(0, 1)).toBeGreaterThan(0.9);
    expect(coverage(0.8, 1)).toBeLessThan(0.65);
    expect(coverage(0.8, 20)).toBeGreaterThan(0.8);
  });

  it('pairs rows: a steady small difference shows through large common noise', () => {
    const a = series(300, 1, 0);
    const b = a.map((value, i) => value - 0.1 - 0.01 * Math.sin(i));
    const interval = pairedBootstrap(a, b, { rng: createRng(0) });
    expect(interval.estimate).toBeCloseTo(mean(a) - mean(b), 12);
    expect(interval.lower).toBeGreaterThan(0.095);
    expect(interval.upper).toBeLessThan(0.105);
    expect(interval).toMatchObject({ confidence: 0.95, resamples: 2000 });
  });

  it('takes quantiles as numpy does and refuses what it cannot resample', () => {
    expect(quantileOfSorted(Float64Array.of(1, 2, 4, 8), 0.4)).toBeCloseTo(2.4, 12);
    const options = { rng: createRng(0) };
    expect(() => pairedBootstrap(Float64Array.of(1), Float64Array.of(1), options)).toThrow(/at least 2 rows/);
    expect(() => pairedBootstrap(Float64Array.of(1, 2), Float64Array.of(1), options)).toThrow(/term has 1 values/);
    const wide = { ...options, blockLength: 3 };
    expect(() => pairedBootstrap(Float64Array.of(1, 2), Float64Array.of(1, 2), wide)).toThrow(/blockLength is 3/);
  });
});
