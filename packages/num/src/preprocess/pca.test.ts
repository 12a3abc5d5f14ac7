// Golden numbers: scikit-learn 1.9.1 PCA(svd_solver='full'), numpy 2.4.6.
import { describe, expect, it } from 'vitest';
import { columnOf, lcg, lcgMatrix } from '../linalg/lcg.fixture.js';
import { type FeatureMatrix, matrixFromColumns, selectMatrixRows } from '../linalg/matrix.js';
import { symmetricEigen } from '../linalg/symmetric-eigen.js';
import { runFeatureGraph, worstDifference } from '../onnx/graph-run.fixture.js';
import { fitPca } from './pca.js';

const uniform = lcgMatrix(40, 5);
const x = matrixFromColumns([
  columnOf(uniform, 0),
  columnOf(uniform, 1).map((value, i) => 3 * columnOf(uniform, 0)[i] + value),
  columnOf(uniform, 2).map((value) => 10 * value),
  columnOf(uniform, 3),
  columnOf(uniform, 4),
]);

const rowMajor = (m: FeatureMatrix) =>
  Float32Array.from({ length: m.values.length }, (_, i) => {
    const row = Math.floor(i / m.featureCount);
    return m.values[(i % m.featureCount) * m.rowCount + row];
  });

describe('principal components', () => {
  it('are scikit-learn’s, signs included', () => {
    const pca = fitPca(x);
    const components = [
      0.0271485543, 0.0975946951, 0.9943107396, -0.0301387637, 0.0132679894, 0.2933333468, 0.9473485755, -0.0991652892,
      0.0747295103, 0.0326798099, -0.0876285631, -0.0339925209, 0.0049257318, 0.3788067706, 0.9206774197, -0.0563133365,
      -0.0378007847, 0.0382603902, 0.9195061251, -0.3852850079, 0.9499308116, -0.3007017813, 0.0049272979, 0.0672389152,
      0.0516192018,
    ];
    expect(worstDifference(components, pca.components)).toBeLessThan(1e-6);
    const variance = [7.4757968893, 0.7526953014, 0.0930425525, 0.0473133287, 0.0055930293];
    expect(worstDifference(variance, pca.explainedVariance)).toBeLessThan(1e-6);
    const ratio = [0.8926920375, 0.0898800639, 0.0111102999, 0.0056497297, 0.000667869];
    expect(worstDifference(ratio, pca.explainedVarianceRatio)).toBeLessThan(1e-7);
    const first = [-1.7922046870995354, -0.31694488407866506, 0.4575858784547152, -0.19503409787929507];
    expect(worstDifference(first, rowMajor(pca.transform(x)).slice(0, 4))).toBeLessThan(1e-6);
  });

  it('are whitened, and counted by the ratio that they explain', () => {
    const white = fitPca(x, { nComponents: 3, whiten: true });
    const expected = [-0.6554791200970497, -0.3653205842690171, 1.5001400477399782, -0.9792779136757627];
    expect(worstDifference(expected, rowMajor(white.transform(x)).slice(0, 4))).toBeLessThan(1e-6);
    expect(white.transform(x).featureNames).toEqual(['pca0', 'pca1', 'pca2']);
    expect(fitPca(x, { nComponents: 0.9 }).componentCount).toBe(2);
    expect(fitPca(x, { nComponents: 0.99 }).componentCount).toBe(3);
  });

  it('take fewer rows than features', () => {
    const pca = fitPca(selectMatrixRows(x, Int32Array.of(0, 1, 2, 3)));
    const expected = [
      0.08395275, 0.3137475, 0.94128083, 0.07591356, 0.05236382, 0.18859753, 0.72273148, -0.23518403, 0.13872477,
      -0.6062459,
    ];
    expect(worstDifference(expected, pca.components.slice(0, 10))).toBeLessThan(1e-6);
    expect(pca.explainedVariance[3]).toBe(0);
  });

  it('say the same in ONNX, on 1,100 rows and on none', async () => {
    const rows = lcgMatrix(1100, 5, 77);
    const pca = fitPca(x, { nComponents: 3, whiten: true });
    const write = (graph: Parameters<typeof pca.writeOnnx>[0], features: string) => pca.writeOnnx(graph, features);
    expect(worstDifference(rowMajor(pca.transform(rows)), await runFeatureGraph(rows, 3, write))).toBeLessThan(1e-6);
    expect((await runFeatureGraph(selectMatrixRows(rows, new Int32Array(0)), 3, write)).length).toBe(0);
  });

  it('answer constant features with zeros, and refuse one row, NaN and too many components', () => {
    const flat = matrixFromColumns([
      [2, 2, 2],
      [5, 5, 5],
    ]);
    const pca = fitPca(flat, { whiten: true });
    expect([...pca.transform(flat).values].every((value) => value === 0)).toBe(true);
    expect(() => fitPca(matrixFromColumns([[1]]))).toThrow(expect.objectContaining({ code: 'NUM_TOO_FEW' }));
    expect(() => fitPca(matrixFromColumns([[1, Number.NaN]]))).toThrow(
      expect.objectContaining({ code: 'NUM_NOT_FINITE' }),
    );
    expect(() => fitPca(flat, { nComponents: 3 })).toThrow(expect.objectContaining({ code: 'NUM_RANGE' }));
    expect(() => fitPca(flat, { nComponents: 1.5 })).toThrow(expect.objectContaining({ code: 'NUM_RANGE' }));
  });
});

describe('the symmetric eigenproblem', () => {
  it('gives orthonormal vectors that rebuild the matrix', () => {
    const n = 30;
    const noise = lcg(n * n, 5);
    const a = Float64Array.from({ length: n * n }, (_, i) => noise[i] + noise[(i % n) * n + Math.floor(i / n)]);
    const { values, vectors } = symmetricEigen(a);
    let worst = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let rebuilt = 0;
        let product = 0;
        for (let k = 0; k < n; k++) {
          rebuilt += values[k] * vectors[k * n + i] * vectors[k * n + j];
          product += vectors[i * n + k] * vectors[j * n + k];
        }
        worst = Math.max(worst, Math.abs(rebuilt - a[i * n + j]), Math.abs(product - Number(i === j)));
      }
    }
    expect(worst).toBeLessThan(1e-12);
    expect([...values].every((value, i) => i === 0 || value <= values[i - 1])).toBe(true);
  });
});
