// Golden numbers: scikit-learn 1.9.1 KNeighborsClassifier and KNeighborsRegressor (neighbours.golden.json).
import { describe, expect, it } from 'vitest';
import { lcg, lcgMatrix } from '../../linalg/lcg.fixture.js';
import { matrixFromColumns } from '../../linalg/matrix.js';
import { worstDifference } from '../../onnx/graph-run.fixture.js';
import { graphDifference, queries, score, three, x } from '../neighbours.fixture.js';
import golden from '../neighbours.golden.json' with { type: 'json' };
import { fitNeighbourClassifier, fitNeighbourRegressor } from './k-nearest-neighbours.js';

describe('k nearest neighbours', () => {
  it('vote as in scikit-learn', () => {
    const plain = fitNeighbourClassifier(x, three);
    expect(worstDifference(golden.knn, plain.predictProbabilities(queries))).toBeLessThan(1e-12);
    const weighted = fitNeighbourClassifier(x, three, { nNeighbors: 7, weights: 'distance', metric: 'manhattan' });
    expect(worstDifference(golden.knnDistance, weighted.predictProbabilities(queries))).toBeLessThan(1e-12);
  });

  it('average as in scikit-learn', () => {
    const cubic = fitNeighbourRegressor(x, score, { nNeighbors: 3, weights: 'distance', p: 3 });
    // The golden target was computed from Float64 products of the same numbers.
    expect(worstDifference(golden.knnRegress, cubic.predict(queries))).toBeLessThan(1e-7);
    const ten = fitNeighbourRegressor(x, score, { nNeighbors: 10 });
    expect(worstDifference(golden.knnRegressUniform, ten.predict(queries))).toBeLessThan(1e-7);
  });

  it('are the same by tree and by comparing all pairs, ties included', () => {
    // Small integers, so that nearly every distance is shared by many rows.
    const grid = (rows: number, seed: number) => {
      const flat = lcg(rows * 3, seed).map((value) => Math.floor(4 * value));
      return [0, 1, 2].map((f) => flat.slice(f * rows, (f + 1) * rows));
    };
    const padding = (rows: number) => Array.from({ length: 12 }, () => new Array<number>(rows).fill(0));
    const y = Int32Array.from(lcg(500, 3), (value) => Math.floor(3 * value));
    for (const p of [1, 2, 3]) {
      const tree = fitNeighbourClassifier(matrixFromColumns(grid(500, 5)), y, { nNeighbors: 9, p });
      const pairs = fitNeighbourClassifier(matrixFromColumns([...grid(500, 5), ...padding(500)]), y, {
        nNeighbors: 9,
        p,
      });
      expect(pairs.predictProbabilities(matrixFromColumns([...grid(200, 6), ...padding(200)]))).toEqual(
        tree.predictProbabilities(matrixFromColumns(grid(200, 6))),
      );
    }
  });

  it('say the same in ONNX, on ties and on training rows too', async () => {
    const rows = lcgMatrix(1000, 4, 5);
    const coarse = (matrix: typeof rows) => ({ ...matrix, values: matrix.values.map((v) => Math.round(3 * v)) });
    for (const weights of ['uniform', 'distance'] as const) {
      const model = fitNeighbourClassifier(x, three, { weights });
      expect(await graphDifference(rows, model.predictProbabilities(rows), model)).toBeLessThan(1e-6);
      const tied = fitNeighbourClassifier(coarse(x), three, { weights, classWeight: 'balanced' });
      expect(await graphDifference(coarse(rows), tied.predictProbabilities(coarse(rows)), tied)).toBeLessThan(1e-6);
      const line = fitNeighbourRegressor(x, score, { weights, metric: 'manhattan' });
      expect(await graphDifference(x, line.predict(x), line)).toBeLessThan(1e-6);
      const cubic = fitNeighbourRegressor(x, score, { weights, p: 3 });
      expect(await graphDifference(rows, cubic.predict(rows), cubic)).toBeLessThan(1e-6);
    }
  });

  it('need as many rows as neighbours, and take one class and a constant target', () => {
    const few = matrixFromColumns([[1, 2, 3]]);
    expect(() => fitNeighbourClassifier(few, Int32Array.of(0, 1, 1))).toThrow(
      expect.objectContaining({ code: 'NUM_TOO_FEW' }),
    );
    const one = fitNeighbourClassifier(few, Int32Array.of(1, 1, 1), { nNeighbors: 2 });
    expect([...one.predictProbabilities(few)]).toEqual([0, 1, 0, 1, 0, 1]);
    expect(() => fitNeighbourClassifier(few, Int32Array.of(0, 1, 1), { p: 0.5 })).toThrow(/p is 0.5/);
  });
});
