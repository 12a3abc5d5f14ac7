import { describe, expect, it } from 'vitest';
import { bootstrapRocAuc, createRng, rocAuc } from '../index.js';
import { drawRows, quantileOfSorted } from './bootstrap.js';

describe('the bootstrap of the area under the ROC curve', () => {
  const rng = createRng(3);
  const n = 120;
  const truth = Int32Array.from({ length: n }, () => rng.int(2));
  // Many ties on purpose: they count half.
  const scores = Float64Array.from(truth, (y) => Math.round((y + rng.normal()) * 2) / 2);

  it('equals resampling rows and scoring each resample from scratch', () => {
    const resamples = 50;
    const draw = createRng(9);
    const rows = new Int32Array(n);
    const areas = Float64Array.from({ length: resamples }, () => {
      drawRows(rows, 1, draw);
      return rocAuc(
        rows.map((row) => truth[row]),
        Float64Array.from(rows, (row) => scores[row]),
      );
    }).sort();
    const interval = bootstrapRocAuc(truth, scores, { rng: createRng(9), resamples });
    expect(interval.lower).toBeCloseTo(quantileOfSorted(areas, 0.025), 12);
    expect(interval.upper).toBeCloseTo(quantileOfSorted(areas, 0.975), 12);
    expect(interval.estimate).toBe(rocAuc(truth, scores));
  });

  it('leaves resamples of one class out and has no bounds when there is only one', () => {
    const rare = Int32Array.from({ length: n }, (_, i) => Number(i === 0));
    const few = bootstrapRocAuc(rare, scores, { rng: createRng(1), resamples: 100 });
    expect(few.resamples).toBeLessThan(100);
    expect(few.lower).toBeLessThanOrEqual(few.upper);
    const none = bootstrapRocAuc(new Int32Array(n), scores, { rng: createRng(1), resamples: 100 });
    expect([none.estimate, none.lower, none.upper, none.resamples]).toEqual([NaN, NaN, NaN, 0]);
  });
});
