import { describe, expect, it } from 'vitest';
import { createRng, fitRandomForest, matrixFromColumns } from '../../index.js';
import { floorToFloat32 } from '../../linalg/float32.js';

describe('thresholds', () => {
  it('are the largest Float32 not above the number, of either sign', () => {
    for (const t of [0.1, -0.1, 1 / 3, -1 / 3, 1e-46, -1e-46, 16777217, 0, 5]) {
      const f = floorToFloat32(t);
      expect(Math.fround(f)).toBe(f);
      expect(f).toBeLessThanOrEqual(t);
      expect(t - f).toBeLessThanOrEqual(Math.max(1.5e-45, Math.abs(t) * 2 ** -23));
    }
  });
});

describe('a forest', () => {
  const rng = createRng(9);
  const x = matrixFromColumns(Array.from({ length: 6 }, () => Array.from({ length: 500 }, () => rng.normal())));
  const y = Int32Array.from({ length: 500 }, (_, i) =>
    Number(x.values[i] + x.values[500 + i] + 0.5 * rng.normal() > 0),
  );

  it('remembers every row when nothing holds a tree back', () => {
    const model = fitRandomForest(x, y, { seed: 0, nEstimators: 1, bootstrap: false, maxFeatures: 'all' });
    const p = model.predictProbabilities(x);
    expect(Array.from(y).every((label, row) => p[2 * row + label] === 1)).toBe(true);
  });

  it('keeps to its depth and its leaves, and finds the features that matter', () => {
    const model = fitRandomForest(x, y, { seed: 0, nEstimators: 60, maxDepth: 3, minSamplesLeaf: 20 });
    const { treeStarts, feature, left, right } = model.forest;
    const depth = (node: number): number =>
      feature[node] < 0 ? 0 : 1 + Math.max(depth(left[node]), depth(right[node]));
    for (let t = 0; t < 60; t++) expect(depth(treeStarts[t])).toBeLessThanOrEqual(3);
    const [first, second, ...rest] = model.importances;
    expect(Math.min(first, second)).toBeGreaterThan(3 * Math.max(...rest));
    expect(model.importances.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
  });

  it('answers constant features with the class frequencies', () => {
    const flat = matrixFromColumns([[1, 1, 1, 1]]);
    const model = fitRandomForest(flat, Int32Array.of(0, 1, 1, 1), { seed: 0, nEstimators: 3, bootstrap: false });
    expect([...model.predictProbabilities(flat)].slice(0, 2)).toEqual([0.25, 0.75]);
  });
});
