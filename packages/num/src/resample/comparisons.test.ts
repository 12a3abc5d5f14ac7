// Golden numbers: SciPy 1.17.1 (stats.binomtest, stats.t), statsmodels' definition of mid-p; pROC's example of DeLong is
// replaced by the definition itself, written out over all pairs.
import { describe, expect, it } from 'vitest';
import {
  compareLabels,
  correctedResampledTest,
  createRng,
  delongInterval,
  delongPaired,
  incompleteBeta,
  logitInterval,
  mcnemarTest,
  rocAuc,
  studentQuantile,
  studentSurvival,
} from '../index.js';
import golden from '../metrics/metrics.golden.json' with { type: 'json' };

function sample(n: number, seed: number, lift: number) {
  const rng = createRng(seed);
  const truth = Int32Array.from({ length: n }, () => rng.int(2));
  const shared = Float64Array.from(truth, () => rng.normal());
  const draw = (scale: number) =>
    Float64Array.from(truth, (y, i) => Math.round((lift * y + shared[i] + scale * rng.normal()) * 5) / 5);
  return { truth, a: draw(0.5), b: draw(1) };
}

/** Variance of the difference of areas from the structural components over all pairs. */
function byDefinition(truth: Int32Array, columns: Float64Array[]): number {
  const ones = [...truth.keys()].filter((i) => truth[i] === 1);
  const zeros = [...truth.keys()].filter((i) => truth[i] === 0);
  const psi = (x: number, y: number) => (x > y ? 1 : x === y ? 0.5 : 0);
  const variance = (values: number[]) => {
    const centre = values.reduce((s, x) => s + x, 0) / values.length;
    return values.reduce((s, x) => s + (x - centre) ** 2, 0) / (values.length - 1);
  };
  const of = (i: number, j: number) => columns.reduce((sum, c, k) => sum + (k === 0 ? 1 : -1) * psi(c[i], c[j]), 0);
  const v10 = ones.map((i) => zeros.reduce((s, j) => s + of(i, j), 0) / zeros.length);
  const v01 = zeros.map((j) => ones.reduce((s, i) => s + of(i, j), 0) / ones.length);
  return variance(v10) / ones.length + variance(v01) / zeros.length;
}

describe('DeLong', () => {
  it('is what its definition over all pairs says, ties half', () => {
    const { truth, a, b } = sample(150, 1, 1);
    const interval = delongInterval(truth, a);
    const half = 1.959963984540054 * Math.sqrt(byDefinition(truth, [a]));
    expect(interval.estimate).toBeCloseTo(rocAuc(truth, a), 12);
    expect(interval.upper - interval.lower).toBeCloseTo(2 * half, 9);
    const paired = delongPaired(truth, { a, b });
    const pairedHalf = 1.959963984540054 * Math.sqrt(byDefinition(truth, [a, b]));
    expect(paired.difference.upper - paired.difference.lower).toBeCloseTo(2 * pairedHalf, 9);
    expect(delongPaired(truth, { a, b: a }).pValue).toBe(1);
    expect(delongInterval(new Int32Array(5), new Float64Array(5)).lower).toBeNaN();
  });

  it('holds its confidence, and its test its level', () => {
    let covered = 0;
    let alarms = 0;
    for (let seed = 0; seed < 300; seed++) {
      const { truth, a } = sample(200, seed, 1);
      const { lower, upper } = delongInterval(truth, a);
      // Φ(1 / √(2·1.25)); rounding to fifths costs 0.0006.
      if (lower <= 0.7365 && upper >= 0.7365) covered++;
      const rng = createRng(seed).fork('other');
      const equal = { a: a.map((x) => x + rng.normal()), b: a.map((x) => x + rng.normal()) };
      if (delongPaired(truth, equal).pValue < 0.05) alarms++;
    }
    expect(covered / 300).toBeGreaterThan(0.91);
    expect(alarms / 300).toBeLessThan(0.09);
  });
});

describe('comparisons of two models', () => {
  it('test disagreements as SciPy’s binomial test does', () => {
    const { mcnemar, midp } = golden.tests;
    expect(mcnemarTest(4, 15).exactPValue).toBeCloseTo(mcnemar[0], 12);
    expect(mcnemarTest(300, 400).exactPValue).toBeCloseTo(mcnemar[1], 12);
    expect(mcnemarTest(5, 5).exactPValue).toBe(mcnemar[2]);
    expect(mcnemarTest(4, 15).midPValue).toBeCloseTo(midp, 12);
    expect(mcnemarTest(0, 0)).toMatchObject({ exactPValue: 1, midPValue: 1 });
    expect(mcnemarTest(2_000_000, 2_000_000).midPValue).toBeGreaterThan(0.99);
    const truth = Int32Array.of(1, 1, 0, 0);
    const predicted = { first: Int32Array.of(1, 0, 0, 1), second: Int32Array.of(0, 0, 0, 0) };
    expect(compareLabels(truth, predicted)).toMatchObject({ onlyFirst: 1, onlySecond: 1 });
  });

  it('know Student’s t', () => {
    const [a, b, c, d] = golden.tests.t;
    expect(studentSurvival(1.3, 4)).toBeCloseTo(a, 12);
    expect(studentQuantile(0.975, 3.5)).toBeCloseTo(b, 9);
    expect(studentSurvival(12, 30) / c).toBeCloseTo(1, 9);
    expect(studentSurvival(-0.4, 200)).toBeCloseTo(d, 12);
    expect(incompleteBeta(0.5, 2, 2)).toBeCloseTo(0.5, 12);
  });

  it('widen a test over splits for the rows that the splits share', () => {
    const gaps = Float64Array.of(0.02, 0.01, 0.03, 0.02, 0.015);
    const plain = correctedResampledTest(gaps, 0);
    const corrected = correctedResampledTest(gaps, 0.25);
    expect(corrected.pValue).toBeGreaterThan(plain.pValue);
    const width = (test: typeof plain) => test.difference.upper - test.difference.lower;
    expect(width(corrected) / width(plain)).toBeCloseTo(1.5, 10);
    expect(logitInterval(0.8, 400).lower).toBeGreaterThan(0.73);
    expect(logitInterval(1, 400)).toMatchObject({ lower: 1, upper: 1 });
  });
});
