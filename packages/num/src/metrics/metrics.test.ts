// Golden numbers: scikit-learn 1.9.1 (metrics, calibration), SciPy 1.17.1 (stats, spatial.distance), numpy 2.4.6.
import { describe, expect, it } from 'vitest';
import {
  accuracy,
  averagePrecision,
  balancedAccuracy,
  brierScore,
  brierSkillScore,
  calibrationCurve,
  confusionMatrix,
  contingencyTest,
  expectedCalibrationError,
  fitMajorityBaseline,
  fitMeanBaseline,
  fitPersistenceBaseline,
  jensenShannonDivergence,
  ksTest,
  logLoss,
  matthewsCorrelation,
  meanAbsoluteError,
  normedWasserstein,
  populationStabilityIndex,
  precisionRecall,
  rocAuc,
  rootMeanSquaredError,
  rSquared,
} from '../index.js';

const ints = (...values: number[]) => Int32Array.from(values);
const floats = (...values: number[]) => Float64Array.from(values);
function lcg(n: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: n }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 2147483648;
  });
}

describe('classification metrics', () => {
  const truth = ints(0, 0, 1, 1, 2, 2, 2, 0, 1, 2);
  const predicted = ints(0, 1, 1, 1, 2, 0, 2, 0, 2, 2);
  const matrix = confusionMatrix(truth, predicted, { classCount: 3 });

  it('are scikit-learn’s for three classes', () => {
    expect([...matrix.counts]).toEqual([2, 1, 0, 0, 2, 1, 1, 0, 3]);
    expect(accuracy(matrix)).toBeCloseTo(0.7, 12);
    expect(balancedAccuracy(matrix)).toBeCloseTo(0.6944444444444443, 12);
    expect(matthewsCorrelation(matrix)).toBeCloseTo(0.5454545454545454, 12);
    expect(precisionRecall(matrix, { average: 'macro', beta: 2 }).fBeta).toBeCloseTo(0.6944444444, 9);
    expect(precisionRecall(matrix, { average: 'weighted' }).recall).toBeCloseTo(0.7, 12);
  });

  it('are scikit-learn’s for two classes', () => {
    const two = confusionMatrix(
      truth.map((k) => Number(k > 0)),
      predicted.map((k) => Number(k > 0)),
      { classCount: 2 },
    );
    expect(precisionRecall(two, { average: 'binary', beta: 0.5 }).fBeta).toBeCloseTo(0.8571428571428571, 12);
    expect(matthewsCorrelation(two)).toBeCloseTo(0.5238095238095238, 12);
  });

  it('keep its conventions at the edges', () => {
    const never = confusionMatrix(ints(0, 1), ints(0, 0), { classCount: 2 });
    expect(precisionRecall(never, { average: 'binary' })).toEqual({ precision: 0, recall: 0, fBeta: 0 });
    expect(matthewsCorrelation(never)).toBe(0);
    const absent = confusionMatrix(ints(0, 0, 1), ints(0, 2, 1), { classCount: 3 });
    expect(balancedAccuracy(absent)).toBe(0.75);
    const unused = confusionMatrix(ints(0, 1), ints(0, 1), { classCount: 9 });
    expect(precisionRecall(unused, { average: 'macro' }).fBeta).toBe(1);
    expect(() => confusionMatrix(ints(0, 3), ints(0, 0), { classCount: 3 })).toThrow(/codes must lie/);
  });
});

describe('probability and ranking metrics', () => {
  const scores = Float64Array.from(lcg(200, 5));
  const truth = Int32Array.from(lcg(200, 9), (u, i) => Number(u < scores[i]));
  const rounded = scores.map((score) => Math.round(score * 10) / 10);

  it('are scikit-learn’s', () => {
    expect(rocAuc(truth, scores)).toBeCloseTo(0.8034688013136289, 12);
    expect(averagePrecision(truth, scores)).toBeCloseTo(0.8477496877038199, 12);
    expect(rocAuc(truth, rounded)).toBeCloseTo(0.80623973727422, 12);
    expect(averagePrecision(truth, rounded)).toBeCloseTo(0.8279578159713684, 12);
    const both = Float64Array.from({ length: 400 }, (_, i) => (i % 2 ? scores[i >> 1] : 1 - scores[i >> 1]));
    expect(logLoss(truth, both, 2)).toBeCloseTo(0.5427380528920707, 10);
    expect(brierScore(truth, scores)).toBeCloseTo(0.18540408138783576, 12);
    expect(expectedCalibrationError(truth, scores)).toBeCloseTo(0.12086476034484805, 12);
    expect(calibrationCurve(truth, scores)[1].shareObserved).toBeCloseTo(0.31818182, 8);
  });

  it('keep its conventions at the edges', () => {
    expect(rocAuc(ints(1, 1), floats(0.2, 0.9))).toBeNaN();
    expect(rocAuc(ints(0, 0, 1, 1), floats(0.1, 0.4, 0.4, 0.8))).toBe(0.875);
    expect(averagePrecision(ints(0, 0), floats(0.2, 0.9))).toBe(0);
    expect(averagePrecision(ints(0, 0, 1, 1), floats(0.1, 0.4, 0.35, 0.8))).toBeCloseTo(0.8333333333, 9);
    expect(logLoss(ints(0), floats(0, 1), 2)).toBeCloseTo(36.0437, 4);
    expect(brierScore(ints(0, 1, 1, 0), floats(0.1, 0.9, 0.8, 0.3))).toBeCloseTo(0.0375, 12);
    expect(brierSkillScore(ints(0, 1), floats(0, 1), floats(0.5, 0.5))).toBe(1);
    expect(brierSkillScore(ints(0, 1), floats(0.5, 0.5), floats(0, 1))).toBeNaN();
  });

  it('bin a forecast of one or a quantile edge without losing a row', () => {
    const p = floats(0, 0.1, 0.1, 0.1, 0.5, 1, 1);
    for (const strategy of ['uniform', 'quantile'] as const) {
      const curve = calibrationCurve(ints(0, 0, 0, 1, 1, 1, 1), p, { bins: 5, strategy });
      expect(curve.reduce((sum, bin) => sum + bin.count, 0)).toBe(7);
    }
  });
});

describe('regression metrics', () => {
  it('are scikit-learn’s, also on constant and single values', () => {
    const truth = floats(3, -0.5, 2, 7);
    const guess = floats(2.5, 0, 2, 8);
    expect(rootMeanSquaredError(truth, guess) ** 2).toBeCloseTo(0.375, 12);
    expect(meanAbsoluteError(truth, guess)).toBe(0.5);
    expect(rSquared(truth, guess)).toBeCloseTo(0.948608137, 9);
    expect(rSquared(floats(2, 2), floats(2, 2))).toBe(1);
    expect(rSquared(floats(2, 2), floats(2, 3))).toBe(0);
    expect(rSquared(floats(2), floats(2))).toBeNaN();
    expect(() => meanAbsoluteError(floats(1), floats(Number.NaN))).toThrow(/yPredicted\[0\] is NaN/);
  });
});

describe('baselines', () => {
  it('forecast the prior, what followed a day like today, and the mean', () => {
    const y = ints(0, 1, 1, 1, 0);
    expect([...fitMajorityBaseline(y, 2).predictProbabilities(2)]).toEqual([0.4, 0.6, 0.4, 0.6]);
    const persistence = fitPersistenceBaseline(ints(0, 0, 1, 1, 1), y, { stateCount: 3, classCount: 2 });
    const p = persistence.predictProbabilities(ints(0, 1, 2));
    expect([...p].map((value) => Number(value.toFixed(6)))).toEqual([0.5, 0.5, 0.333333, 0.666667, 0.4, 0.6]);
    expect(fitMeanBaseline(floats(1, 2, 6)).mean).toBe(3);
  });
});

describe('distances and tests between samples', () => {
  const a = Float64Array.from(lcg(300, 3));
  const b = Float64Array.from(lcg(200, 4), (u) => u ** 1.3);
  const pair = { reference: floats(50, 30, 20, 0), current: floats(40, 35, 15, 10) };

  it('agree with SciPy', () => {
    const ks = ksTest(a, b);
    expect(ks.statistic).toBeCloseTo(0.165, 12);
    // SciPy: 0.00253 asymptotic, 0.00264 exact.
    expect(ks.pValue).toBeGreaterThan(0.0023);
    expect(ks.pValue).toBeLessThan(0.0028);
    const test = contingencyTest(pair);
    expect(test.statistic).toBeCloseTo(12.21001221, 8);
    expect(test.pValue).toBeCloseTo(0.006697303426989618, 12);
    // SciPy's divergence less the stated expectation (4 − 1)/8 · (1/100 + 1/100).
    expect(jensenShannonDivergence(pair)).toBeCloseTo(0.04019520806245594 - 0.0075, 12);
  });

  it('measure the Wasserstein distance of histograms to within a bin', () => {
    const edges = Array.from({ length: 1001 }, (_, i) => i / 1000);
    const count = (values: Float64Array) => {
      const counts = new Float64Array(1002);
      for (const value of values) counts[Math.min(1001, Math.floor(value * 1000) + 1)]++;
      return counts;
    };
    const noise = (x: number) => Math.sqrt((2 / Math.PI) * (1 / 300 + 1 / 200)) * x;
    const observed = normedWasserstein({ reference: count(a), current: count(b), edges });
    // SciPy's 0.350106 less, in squares, the expectation: ∫√(F(1−F)) ≈ π/8 for a uniform, deviation 1/√12.
    const expected = Math.sqrt(0.350106 ** 2 - (noise(Math.PI / 8) * Math.sqrt(12)) ** 2);
    expect(Math.abs(observed - expected)).toBeLessThan(0.01);
  });

  it('are never negative and finite where a bin is empty on one side', () => {
    expect(jensenShannonDivergence({ reference: floats(9, 1), current: floats(9, 1) })).toBe(0);
    expect(populationStabilityIndex({ reference: floats(10, 0), current: floats(0, 10) })).toBeGreaterThan(1);
    expect(populationStabilityIndex({ reference: floats(10, 0), current: floats(0, 10) })).toBeLessThan(20);
  });
});
