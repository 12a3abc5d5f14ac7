import { describe, expect, it } from 'vitest';
import {
  accuracy,
  automaticBlockLength,
  bootstrapConfusion,
  bootstrapMeans,
  bootstrapRows,
  createRng,
  mean,
  pairedBootstrap,
  quantileOfSorted,
  wilsonInterval,
} from '../index.js';

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
    const coverage = (memory: number, blockLength: number | 'auto'): number => {
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
    // 400 series of 500 rows each: 0.945, 0.940 and 0.925 at a memory of 0.5, 0.8 and 0.9.
    expect(coverage(0.8, 'auto')).toBeGreaterThan(0.88);
    expect(coverage(0, 'auto')).toBeGreaterThan(0.9);
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

  it('finds the memory of a series: none in noise, more in more', () => {
    expect(automaticBlockLength(series(1000, 4, 0))).toBeLessThanOrEqual(3);
    const short = automaticBlockLength(series(1000, 4, 0.5));
    const long = automaticBlockLength(series(1000, 4, 0.9));
    expect(short).toBeGreaterThan(3);
    expect(long).toBeGreaterThan(2 * short);
    expect(long).toBeLessThanOrEqual(3 * Math.sqrt(1000) + 1);
    expect(automaticBlockLength(new Float64Array(1000).fill(2))).toBe(10);
  });

  it('gives the BCa interval of SciPy for a skewed mean', () => {
    const values = Float64Array.from({ length: 60 }, (_, i) => Math.exp(((i * 37) % 60) / 15));
    const { lower, upper } = bootstrapMeans([values], ([m]) => m, {
      rng: createRng(0),
      resamples: 20_000,
      method: 'bca',
    });
    // scipy.stats.bootstrap(method='BCa', n_resamples=100000): 9.9181 to 16.7844
    expect(Math.abs(lower - 9.9181)).toBeLessThan(0.15);
    expect(Math.abs(upper - 16.7844)).toBeLessThan(0.15);
  });

  it('costs and says the same for a million rows as for a few thousand', () => {
    const values = series(200_000, 5, 0);
    const { estimate, lower, upper } = bootstrapMeans([values], ([m]) => m, { rng: createRng(0), resamples: 400 });
    const error = 1 / Math.sqrt(200_000);
    expect((upper - estimate) / error).toBeGreaterThan(1.6);
    expect((estimate - lower) / error).toBeLessThan(2.3);
  });

  it('resamples any statistic of rows, and confusion matrices as their rows', () => {
    const rng = createRng(1);
    const truth = Int32Array.from({ length: 400 }, () => rng.int(3));
    const predicted = truth.map((t) => (rng.next() < 0.7 ? t : rng.int(3)));
    const options = () => ({ rng: createRng(2), resamples: 1000 });
    const [share] = bootstrapConfusion({ truth, predicted, classCount: 3 }, (m) => [accuracy(m)], options());
    const rows = bootstrapRows(
      400,
      (at) => at.reduce((s, i) => s + Number(truth[i] === predicted[i]), 0) / 400,
      options(),
    );
    expect(share).toEqual(rows);
    const wilson = wilsonInterval(Math.round(share.estimate * 400), 400);
    expect(Math.abs(share.lower - wilson.lower)).toBeLessThan(0.01);
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
