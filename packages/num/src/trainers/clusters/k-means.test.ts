// Golden numbers: scikit-learn 1.9.1 KMeans(n_init=1) from the same initial rows (neighbours.golden.json).
import { describe, expect, it } from 'vitest';
import { lcgMatrix } from '../../linalg/lcg.fixture.js';
import { matrixFromColumns, selectMatrixRows } from '../../linalg/matrix.js';
import { worstDifference } from '../../onnx/graph-run.fixture.js';
import { graphDifference, sampleWeight, x } from '../neighbours.fixture.js';
import golden from '../neighbours.golden.json' with { type: 'json' };
import { fitKMeans } from './k-means.js';

const start = Float64Array.from({ length: 20 }, (_, i) => x.values[(i % 4) * 300 + 60 * Math.floor(i / 4)]);

describe('k-means', () => {
  it('moves equal initial centres where scikit-learn does', () => {
    const given = { nClusters: 5, initialCentres: start };
    const plain = fitKMeans(x, { ...given, tol: 0, maxIter: 1000 });
    expect(worstDifference(golden.means, [...plain.centres, plain.inertia])).toBeLessThan(1e-10);
    const weighted = fitKMeans(x, { ...given, tol: 0, maxIter: 1000, sampleWeight });
    expect(worstDifference(golden.meansWeighted, [...weighted.centres, weighted.inertia])).toBeLessThan(1e-10);
    const byDefault = fitKMeans(x, given);
    expect(worstDifference(golden.meansDefault, [...byDefault.centres, byDefault.inertia])).toBeLessThan(1e-10);
    expect(plain.converged).toBe(true);
  });

  it('finds from its own starts what fifty starts of scikit-learn find', () => {
    expect(fitKMeans(x, { nClusters: 5, nInit: 50 }).inertia).toBeLessThan(1.01 * golden.meansBest[0]);
    expect(fitKMeans(x, { nClusters: 5, init: 'random', seed: 3 }).inertia).toBeLessThan(1.05 * golden.meansBest[0]);
  });

  it('labels every row with its nearest centre, frozen, twice the same', () => {
    const model = fitKMeans(x, { nClusters: 7, seed: 1 });
    const distances = model.predictDistances(x);
    for (let i = 0; i < 300; i++) {
      const own = [...distances.subarray(7 * i, 7 * i + 7)];
      expect(own.indexOf(Math.min(...own))).toBe(model.labels[i]);
    }
    expect(fitKMeans(x, { nClusters: 7, seed: 1 }).centres).toEqual(model.centres);
    expect(Object.isFrozen(model)).toBe(true);
  });

  it('says the same in ONNX to the last bit', async () => {
    const model = fitKMeans(x, { nClusters: 6 });
    const rows = lcgMatrix(1200, 4, 9);
    expect(await graphDifference(rows, model.predictDistances(rows), model)).toBe(0);
  });

  it('keeps clusters that find no row, and refuses more clusters than rows', () => {
    const twice = matrixFromColumns([[1, 1, 2, 2]]);
    const model = fitKMeans(twice, { nClusters: 3 });
    expect(model.inertia).toBe(0);
    expect(model.centres.every(Number.isFinite)).toBe(true);
    // Two of the three initial centres lie beyond every row: the rows farthest from the first take their place.
    const line = matrixFromColumns([[0, 1, 10, 11, 20, 21]]);
    const refilled = fitKMeans(line, { nClusters: 3, initialCentres: Float64Array.of(0, 1000, 2000) });
    expect(refilled.inertia).toBeCloseTo(101, 10);
    expect(() => fitKMeans(selectMatrixRows(x, Int32Array.of(0, 1)), { nClusters: 3 })).toThrow(
      expect.objectContaining({ code: 'NUM_TOO_FEW' }),
    );
    expect(() => fitKMeans(matrixFromColumns([[1, Number.NaN]]), { nClusters: 1 })).toThrow(
      expect.objectContaining({ code: 'NUM_NOT_FINITE' }),
    );
  });
});
