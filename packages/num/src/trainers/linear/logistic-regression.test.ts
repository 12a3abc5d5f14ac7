// Golden numbers: scikit-learn 1.9.1 LogisticRegression(tol=1e-12, max_iter=10000), numpy 2.4.6.
import { describe, expect, it } from 'vitest';
import { lcg } from '../../linalg/lcg.fixture.js';
import { type FeatureMatrix, matrixFromColumns } from '../../linalg/matrix.js';
import { worstDifference } from '../../onnx/graph-run.fixture.js';
import golden from './logistic-regression.golden.json' with { type: 'json' };
import { type FittedLogisticRegression, fitLogisticRegression } from './logistic-regression.js';

function expectGolden(model: FittedLogisticRegression, name: Exclude<keyof typeof golden, 'source'>): void {
  expect(worstDifference(golden[name], [...model.coefficients, ...model.intercepts])).toBeLessThan(1e-6);
  expect(model.converged).toBe(true);
}

/** The same features in units from 1e-2 to 1e5. */
function inOddUnits(x: FeatureMatrix): FeatureMatrix {
  const column = (f: number) => x.values.subarray(f * 60, (f + 1) * 60);
  return matrixFromColumns([column(0), column(1).map((v) => v * 1e5), Array.from(column(2), (v) => v * 1e-2 + 3)]);
}

function problem(): { x: FeatureMatrix; binary: Int32Array; three: Int32Array; weights: Float64Array } {
  const flat = lcg(180).map(Math.fround);
  const column = (f: number) => Float32Array.from({ length: 60 }, (_, i) => flat[i * 3 + f]);
  const x = matrixFromColumns([column(0), column(1), column(2)]);
  const noise = lcg(60, 7);
  const score = noise.map((z, i) => 2 * flat[i * 3] - 1.5 * flat[i * 3 + 1] + z - 0.6);
  return {
    x,
    binary: Int32Array.from(score, (s) => Number(s > 0.2)),
    three: Int32Array.from(score, (s) => Number(s >= 0) + Number(s >= 0.5)),
    weights: Float64Array.from(lcg(60, 99), (w) => w + 0.5),
  };
}

function expectClose(observed: Float64Array, expected: readonly number[], tolerance = 1e-5): void {
  expect(observed.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(Math.abs(observed[i] - expected[i])).toBeLessThan(tolerance);
}

describe('logistic regression', () => {
  it('finds scikit-learn’s coefficients for two classes', () => {
    const { x, binary } = problem();
    const model = fitLogisticRegression(x, binary);
    expectClose(model.coefficients, [2.421466, -1.9770523, 0.7637994]);
    expectClose(model.intercepts, [-0.6669643]);
    expect(model.converged).toBe(true);
    expect(model.iterations).toBeLessThan(10);
  });

  it('finds them with balanced classes, sample weights and another C', () => {
    const { x, binary, weights } = problem();
    const model = fitLogisticRegression(x, binary, { c: 10, classWeight: 'balanced', sampleWeight: weights });
    expectClose(model.coefficients, [6.3170666, -5.7519265, 1.7414989]);
    expectClose(model.intercepts, [-1.1062329]);
  });

  it('finds them for three classes', () => {
    const { x, three, weights } = problem();
    const plain = fitLogisticRegression(x, three, { c: 2 });
    expectClose(
      plain.coefficients,
      [-2.9667881, 2.3634469, -0.2493466, 0.1051833, -0.6510255, 0.1109313, 2.8616048, -1.7124214, 0.1384153],
    );
    expectClose(plain.intercepts, [0.6093238, 0.300836, -0.9101598]);
    expect(plain.converged).toBe(true);
    const weighted = fitLogisticRegression(x, three, { c: 0.5, classWeight: 'balanced', sampleWeight: weights });
    expectClose(
      weighted.coefficients,
      [-1.4085038, 0.9725911, -0.0773874, 0.0055996, -0.2241156, -0.0462352, 1.4029041, -0.7484755, 0.1236227],
    );
    expectClose(weighted.intercepts, [0.2554759, 0.1895297, -0.4450056]);
  });

  it('finds them with L1, both penalties and none', () => {
    const { x, binary, three, weights } = problem();
    expectGolden(fitLogisticRegression(x, binary, { l1Ratio: 1, c: 1.5 }), 'l1');
    expectGolden(fitLogisticRegression(x, binary, { penalty: 'l1', c: 1.5 }), 'l1');
    const both = { l1Ratio: 0.3, c: 2, classWeight: 'balanced', sampleWeight: weights } as const;
    expectGolden(fitLogisticRegression(x, binary, both), 'elastic');
    expectGolden(fitLogisticRegression(x, binary, { penalty: 'none' }), 'none');
    expectGolden(fitLogisticRegression(x, three, { l1Ratio: 1, c: 2 }), 'threeL1');
    expectGolden(fitLogisticRegression(x, three, { penalty: 'elasticnet', sampleWeight: weights }), 'threeElastic');
  });

  it('finds them without intercept, and in any units', () => {
    const { x, binary, three } = problem();
    const odd = inOddUnits(x);
    expectGolden(fitLogisticRegression(x, binary, { c: 2, fitIntercept: false }), 'noIntercept');
    expectGolden(fitLogisticRegression(x, three, { c: 2, fitIntercept: false }), 'threeNoIntercept');
    expectGolden(fitLogisticRegression(odd, binary, { c: 3 }), 'unscaled');
    expectGolden(fitLogisticRegression(odd, three, { c: 3 }), 'threeUnscaled');
  });

  it('has one answer, whether Newton or L-BFGS looks for it', () => {
    const { x, binary, three } = problem();
    // Columns of zeros change nothing but the choice of the solver.
    const padded = (count: number) =>
      matrixFromColumns(
        [0, 1, 2]
          .map((f) => x.values.subarray(f * 60, f * 60 + 60))
          .concat(new Array(count).fill(new Float32Array(60))),
      );
    for (const [y, count] of [
      [binary, 300],
      [three, 60],
    ] as const) {
      const few = fitLogisticRegression(x, y);
      const many = fitLogisticRegression(padded(count), y);
      expect(worstDifference(few.intercepts, many.intercepts)).toBeLessThan(1e-7);
      expect(worstDifference(few.coefficients.slice(0, 3), many.coefficients.slice(0, 3))).toBeLessThan(1e-7);
    }
  });

  it('says that it did not converge when classes without overlap pull the coefficients to infinity', () => {
    const x = matrixFromColumns([[0, 1, 2, 3]]);
    const model = fitLogisticRegression(x, Int32Array.from([0, 0, 1, 1]), { penalty: 'none', maxIter: 15 });
    expect(model.converged).toBe(false);
    expect(model.coefficients.every(Number.isFinite)).toBe(true);
  });

  it('gives probabilities that sum to one and follow the margin', () => {
    const { x, binary } = problem();
    const p = fitLogisticRegression(x, binary).predictProbabilities(x);
    for (let row = 0; row < 60; row++) expect(p[2 * row] + p[2 * row + 1]).toBeCloseTo(1, 12);
  });

  it('stays finite on separable classes and a huge C', () => {
    const x = matrixFromColumns([[0, 1, 2, 3]]);
    const model = fitLogisticRegression(x, Int32Array.from([0, 0, 1, 1]), { c: 1e6 });
    expect(Number.isFinite(model.coefficients[0])).toBe(true);
    expect(model.predictProbabilities(x)[7]).toBeGreaterThan(0.99);
  });

  it('refuses NaN, an absent class and a penalty of zero', () => {
    const x = matrixFromColumns([[0, Number.NaN]]);
    expect(() => fitLogisticRegression(x, Int32Array.from([0, 1]))).toThrow(/x.values\[1\] is NaN/);
    const fine = matrixFromColumns([[0, 1]]);
    expect(() => fitLogisticRegression(fine, Int32Array.from([1, 1]))).toThrow(/Class 0 of 2 has no row/);
    expect(() => fitLogisticRegression(fine, Int32Array.from([0, 1]), { c: 0 })).toThrow(/c is 0/);
  });
});
