// Golden numbers: scikit-learn 1.9.1 (linear-models.golden.json names all versions); coordinate descent with tol=1e-13.
import { describe, expect, it } from 'vitest';
import { columnOf, lcg, lcgMatrix } from '../../linalg/lcg.fixture.js';
import { type FeatureMatrix, matrixFromColumns, selectMatrixRows } from '../../linalg/matrix.js';
import { worstDifference } from '../../onnx/graph-run.fixture.js';
import { fitElasticNet, fitLasso } from './elastic-net.js';
import golden from './linear-models.golden.json' with { type: 'json' };
import { fitLinearRegression, fitRidge } from './linear-regression.js';
import type { FittedLinear } from './linear-regressor.js';

const uniform = lcgMatrix(60, 5);
const columns = [0, 1, 2, 3, 4].map((f) => columnOf(uniform, f));
columns[3] = columns[3].map((value) => 1000 * value);
const x = matrixFromColumns(columns);
const noise = lcg(60, 7);
const y = Float64Array.from(noise, (z, i) => 2 * columns[0][i] - 1.5 * columns[1][i] + 0.003 * columns[3][i] + z);
const sampleWeight = Float64Array.from(lcg(60, 99), (w) => w + 0.5);
// A column twice, and a constant one.
const deficient = matrixFromColumns([...columns, columns[0], new Float32Array(60).fill(1)]);
const four = Int32Array.of(0, 1, 2, 3);
const wide = { x: selectMatrixRows(deficient, four), y: y.slice(0, 4) };
const tight = { tol: 1e-13, maxIter: 1_000_000 };

function expectGolden(model: FittedLinear, name: Exclude<keyof typeof golden, 'source'>, tolerance = 1e-9): void {
  expect(worstDifference(golden[name], [...model.coefficients, model.intercept])).toBeLessThan(tolerance);
}

describe('least squares', () => {
  it('finds scikit-learn’s coefficients, with weights and without intercept', () => {
    expectGolden(fitLinearRegression(x, y), 'ols');
    expectGolden(fitLinearRegression(x, y, { sampleWeight }), 'olsW');
    expectGolden(fitLinearRegression(x, y, { fitIntercept: false }), 'olsNo');
    expect(fitLinearRegression(x, y).rank).toBe(5);
  });

  it('takes the solution of least norm when features repeat each other or outnumber the rows', () => {
    const model = fitLinearRegression(deficient, y);
    expectGolden(model, 'olsDeficient');
    expect(model.rank).toBe(5);
    expectGolden(fitLinearRegression(wide.x, wide.y), 'olsWide', 1e-6);
  });

  it('stays exact where squaring the condition number would not', () => {
    const near = columns[0].map((value, i) => value + 1e-5 * columns[1][i]);
    const hard = matrixFromColumns([columns[0], near]);
    const exact = Float64Array.from({ length: 60 }, (_, i) => 3 * hard.values[i] - 2 * hard.values[60 + i] + 1);
    const { coefficients, intercept } = fitLinearRegression(hard, exact);
    expect(worstDifference([3, -2, 1], [...coefficients, intercept])).toBeLessThan(1e-8);
  });

  it('does not care for the units of a feature', () => {
    const tiny = matrixFromColumns([columns[0].map((value) => value * 2 ** -30), columns[1]]);
    const plain = matrixFromColumns([columns[0], columns[1]]);
    const a = fitLinearRegression(tiny, y).coefficients;
    const b = fitLinearRegression(plain, y).coefficients;
    expect(worstDifference(b, [a[0] * 2 ** -30, a[1]])).toBeLessThan(1e-10);
  });

  it('with a ridge is scikit-learn’s Ridge, also with more features than rows', () => {
    expectGolden(fitRidge(x, y, { alpha: 0.7 }), 'ridge');
    expectGolden(fitRidge(x, y, { alpha: 3, sampleWeight }), 'ridgeW');
    expectGolden(fitRidge(wide.x, wide.y, { alpha: 0.1 }), 'ridgeWide', 1e-8);
    expectGolden(fitRidge(x, y, { alpha: 0 }), 'ols');
  });

  it('weights a row as if it stood there several times', () => {
    const times = Float64Array.from(y, (_, i) => i % 3);
    const rows = Int32Array.from(Array.from(times).flatMap((count, i) => new Array<number>(count).fill(i)));
    const repeated: [FeatureMatrix, Float64Array] = [selectMatrixRows(x, rows), Float64Array.from(rows, (i) => y[i])];
    for (const fit of [fitLinearRegression, fitRidge]) {
      const a = fit(x, y, { sampleWeight: times });
      expect(worstDifference(fit(...repeated).coefficients, a.coefficients)).toBeLessThan(1e-9);
    }
  });
});

describe('coordinate descent', () => {
  it('finds scikit-learn’s lasso', () => {
    expectGolden(fitLasso(x, y, { alpha: 0.05, ...tight }), 'lasso');
    expectGolden(fitLasso(x, y, { alpha: 0.02, sampleWeight, ...tight }), 'lassoW');
    const byDefault = fitLasso(x, y, { alpha: 0.05 });
    expectGolden(byDefault, 'lassoDefault', 1e-6);
    expect(byDefault.converged).toBe(true);
  });

  it('finds scikit-learn’s elastic net, with more features than rows too', () => {
    expectGolden(fitElasticNet(x, y, { alpha: 0.03, l1Ratio: 0.4, ...tight }), 'enet');
    expectGolden(fitElasticNet(x, y, { alpha: 0.03, l1Ratio: 0.4, sampleWeight, ...tight }), 'enetW');
    expectGolden(fitElasticNet(x, y, { alpha: 0.03, l1Ratio: 0.4, fitIntercept: false, ...tight }), 'enetNo');
    expectGolden(fitElasticNet(wide.x, wide.y, { alpha: 0.01, l1Ratio: 0.5, ...tight }), 'enetWide', 1e-6);
  });

  it('says when its sweeps ran out', () => {
    expect(fitLasso(x, y, { alpha: 1e-4, maxIter: 1, tol: 1e-12 }).converged).toBe(false);
  });
});

describe('every linear regression', () => {
  it('answers a constant target, and a single row, with the constant', () => {
    const seven = new Float64Array(60).fill(7);
    for (const fit of [fitLinearRegression, fitRidge, fitLasso, fitElasticNet]) {
      expect(worstDifference(seven, fit(x, seven).predict(x))).toBeLessThan(1e-12);
      const one = fit(selectMatrixRows(x, Int32Array.of(3)), Float64Array.of(7));
      expect(worstDifference(seven, one.predict(x))).toBeLessThan(1e-12);
    }
  });
});
