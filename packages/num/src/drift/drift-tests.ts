import { chiSquareSurvival, kolmogorovSurvival } from '../special/special-functions.js';
import type { BinnedPair } from './drift-distances.js';

export interface TestResult {
  readonly statistic: number;
  readonly pValue: number;
}

/** p-value of a two-sample KS statistic: Kolmogorov's limit with Stephens' (1970) small-sample correction. */
export function ksPValue(statistic: number, n: number, m: number): number {
  const root = Math.sqrt((n * m) / (n + m));
  return kolmogorovSurvival((root + 0.12 + 0.11 / root) * statistic);
}

/** Two-sample Kolmogorov–Smirnov test on the values themselves; ties make it conservative. */
export function ksTest(a: Float64Array, b: Float64Array): TestResult {
  const x = a.slice().sort();
  const y = b.slice().sort();
  let [i, j, largest] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i], y[j]);
    while (i < x.length && x[i] === value) i++;
    while (j < y.length && y[j] === value) j++;
    largest = Math.max(largest, Math.abs(i / x.length - j / y.length));
  }
  return { statistic: largest, pValue: ksPValue(largest, x.length, y.length) };
}

/**
 * Chi-square test of homogeneity on the 2 × K table: both samples count as samples, so the false-alarm rate holds,
 * and a category seen in one only gives a finite statistic. Categories expected less than once in either sample are
 * taken together first.
 *
 * @param effectiveRatio effective rows per row; the statistic is scaled by it.
 */
export function contingencyTest({ reference, current }: BinnedPair, effectiveRatio = 1): TestResult {
  let [n, m] = [0, 0];
  for (let i = 0; i < reference.length; i++) {
    n += reference[i];
    m += current[i];
  }
  const share = Math.min(n, m) / (n + m);
  let [statistic, cells, rareReference, rareCurrent] = [0, 0, 0, 0];
  const add = (a: number, b: number): void => {
    if (a + b === 0) return;
    const expected = ((a + b) * n) / (n + m);
    const expectedCurrent = ((a + b) * m) / (n + m);
    statistic += (a - expected) ** 2 / expected + (b - expectedCurrent) ** 2 / expectedCurrent;
    cells++;
  };
  for (let i = 0; i < reference.length; i++) {
    if ((reference[i] + current[i]) * share >= 1) add(reference[i], current[i]);
    else {
      rareReference += reference[i];
      rareCurrent += current[i];
    }
  }
  add(rareReference, rareCurrent);
  statistic *= effectiveRatio;
  return { statistic, pValue: cells > 1 ? chiSquareSurvival(statistic, cells - 1) : 1 };
}
