import { describe, expect, it } from 'vitest';
import { createRng, type FeatureMatrix, matrixFromColumns } from '../../index.js';
import { binMatrix, MISSING_BIN } from './binning.js';

/** Every row is in the first bin whose threshold is not below it, and NaN in the bin of missing values. */
function expectPlaced(x: FeatureMatrix): void {
  const { bins, thresholds, rowCount } = binMatrix(x);
  let wrong = 0;
  for (let f = 0; f < x.featureCount; f++) {
    const edges = thresholds[f];
    for (let i = f * rowCount; i < (f + 1) * rowCount; i++) {
      const value = x.values[i];
      const bin = bins[i];
      const right = Number.isNaN(value)
        ? bin === MISSING_BIN
        : (bin === edges.length || value <= edges[bin]) && (bin === 0 || value > edges[bin - 1]);
      if (!right) wrong++;
    }
  }
  expect(wrong).toBe(0);
}

describe('binning', () => {
  const rng = createRng(1);
  const skewed = Array.from({ length: 10_000 }, () => Math.exp(3 * rng.normal()));

  it('parts neighbouring Float32 values, and holds −0 and 0 for one', () => {
    const a = Math.fround(0.1);
    const b = a + 2 ** -27;
    expect(Math.fround(b)).toBe(b);
    const { bins, thresholds } = binMatrix(matrixFromColumns([[b, a, b]]));
    expect([...bins]).toEqual([1, 0, 1]);
    expect(thresholds[0][0]).toBe(a);
    expect([...binMatrix(matrixFromColumns([[0, -0, 1]])).bins]).toEqual([0, 0, 1]);
  });

  it('loses nothing up to 255 distinct values, and evens out more than that', () => {
    const few = binMatrix(matrixFromColumns([Array.from({ length: 1000 }, (_, i) => i % 255)]));
    expect(few.thresholds[0].length).toBe(254);
    const many = binMatrix(matrixFromColumns([skewed]));
    const counts = new Float64Array(256);
    for (const bin of many.bins) counts[bin]++;
    expect(many.thresholds[0].length).toBe(254);
    expect(Math.max(...counts)).toBeLessThanOrEqual(41);
    expect([...many.binCounts]).toEqual([255]);
  });

  it('gives a heavy value one bin and keeps the rest fine', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => (i < 5000 ? 3000 : i));
    const { thresholds } = binMatrix(matrixFromColumns([values]));
    expect(thresholds[0].length).toBeGreaterThan(250);
    expect(new Set(thresholds[0]).size).toBe(thresholds[0].length);
  });

  it('places every row by its thresholds, with few and many values, holes and extremes', () => {
    const holes = skewed.map((value, i) => (i % 7 === 0 ? Number.NaN : value));
    const huge = skewed.map((value, i) => (i % 2 ? -3e38 : 3e38) * Math.min(1, value));
    const few = skewed.map((_, i) => (i % 11 === 0 ? Number.NaN : (i % 40) / 8 - 2));
    expectPlaced(matrixFromColumns([skewed, holes, huge, few, skewed.map(() => Number.NaN), skewed.map(() => 4)]));
    expect([...binMatrix(matrixFromColumns([skewed, holes])).hasMissing]).toEqual([0, 1]);
    expect([...binMatrix(matrixFromColumns([[Number.NaN]])).bins]).toEqual([MISSING_BIN]);
    expectPlaced(matrixFromColumns([[]]));
  });

  it('takes quantiles of a long column from a sample without losing rare values', () => {
    const n = 450_000;
    const even = new Float32Array(n);
    const rare = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      even[i] = rng.next();
      rare[i] = i % 1500 === 0 ? 100 + i : 0;
    }
    const x = matrixFromColumns([even, rare]);
    expectPlaced(x);
    const { bins, thresholds } = binMatrix(x);
    const counts = new Float64Array(256);
    for (let i = 0; i < n; i++) counts[bins[i]]++;
    expect(Math.max(...counts.subarray(0, 255))).toBeLessThan((1.2 * n) / 255);
    expect(thresholds[1].length).toBeGreaterThan(200);
  });

  it('cuts at percentiles of weighted rows, of which those that weigh nothing have no part', () => {
    const values = Float32Array.from({ length: 2000 }, (_, i) => (i * 7919) % 2000);
    const weights = Float64Array.from(values, (value) => Number(value >= 1000));
    const { thresholds, bins } = binMatrix(matrixFromColumns([values]), { edges: 'percentiles', weights, maxBins: 4 });
    // Averages of the two values on either side, as scikit-learn's percentiles of the upper thousand alone.
    expect([...thresholds[0]]).toEqual([1249.5, 1499.5, 1749.5]);
    expect(bins[values.indexOf(0)]).toBe(0);
    const unweighted = binMatrix(matrixFromColumns([values]), { edges: 'percentiles', maxBins: 4 });
    expect([...unweighted.thresholds[0]]).toEqual([499.5, 999.5, 1499.5]);
    const ones = weights.map((_, i) => Number(values[i] < 2));
    const two = binMatrix(matrixFromColumns([values]), { edges: 'percentiles', weights: ones });
    expect([...two.thresholds[0]]).toEqual([0.5]);
    expect(two.bins.filter((bin) => bin === 0).length).toBe(1);
  });

  it('takes the codes of a categorical feature as its bins and refuses others', () => {
    const categoryCounts = Int32Array.of(4, 0);
    const bin = (codes: number[]) => binMatrix(matrixFromColumns([codes, codes]), { categoryCounts });
    const { bins, binCounts, thresholds } = bin([3, 0, Number.NaN, 1]);
    expect([...bins]).toEqual([3, 0, MISSING_BIN, 1, 2, 0, MISSING_BIN, 1]);
    expect([...binCounts]).toEqual([4, 3]);
    expect(thresholds[0].length).toBe(0);
    for (const wrong of [4, -1, 0.5])
      expect(() => bin([wrong])).toThrow(expect.objectContaining({ code: 'NUM_RANGE' }));
    expect(() => binMatrix(matrixFromColumns([[1]]), { categoryCounts: Int32Array.of(256) })).toThrow(/255/);
  });
});
