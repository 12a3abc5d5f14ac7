import type { Interval } from '@fairlead/kernel';
import { checkFinite, checkLength, checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import { logGamma, normalQuantile } from '../special/special-functions.js';
import { studentQuantile, studentSurvival } from '../special/student.js';

export interface McNemarResult {
  /** Rows that only the first, and only the second, got right. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Two-sided exact binomial test: never too eager. */
  readonly exactPValue: number;
  /** Two-sided mid-p (Fagerland, Lydersen & Laake 2013): nearer to the level it is read at. */
  readonly midPValue: number;
}

/** McNemar's test of two classifiers on the same rows, from the rows on which they disagree. 1 when there are none. */
export function mcnemarTest(onlyFirst: number, onlySecond: number): McNemarResult {
  checkRange('onlyFirst', onlyFirst, { min: 0, integer: true });
  checkRange('onlySecond', onlySecond, { min: 0, integer: true });
  const n = onlyFirst + onlySecond;
  const k = Math.min(onlyFirst, onlySecond);
  if (n === 0) return { onlyFirst, onlySecond, exactPValue: 1, midPValue: 1 };
  // P(X = k) of a fair coin, then downwards until nothing more is added.
  const here = Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) - n * Math.LN2);
  let tail = 0;
  let term = here;
  for (let i = k; i >= 0 && term > 0; i--) {
    tail += term;
    if (term < tail * 1e-17) break;
    term *= i / (n - i + 1);
  }
  const exactPValue = Math.min(1, 2 * tail);
  // The halves overlap where both sides are equal; the mid-p of that is one less the point itself.
  const midPValue = onlyFirst === onlySecond ? 1 - here : Math.min(1, 2 * tail - here);
  return { onlyFirst, onlySecond, exactPValue, midPValue };
}

/** {@link mcnemarTest} of two columns of predicted codes. */
export function compareLabels(
  truth: Int32Array,
  predicted: { readonly first: Int32Array; readonly second: Int32Array },
): McNemarResult {
  checkLength('first', predicted.first.length, truth.length);
  checkLength('second', predicted.second.length, truth.length);
  let onlyFirst = 0;
  let onlySecond = 0;
  for (let i = 0; i < truth.length; i++) {
    const first = predicted.first[i] === truth[i];
    const second = predicted.second[i] === truth[i];
    if (first && !second) onlyFirst++;
    else if (second && !first) onlySecond++;
  }
  return mcnemarTest(onlyFirst, onlySecond);
}

/**
 * Corrected resampled t-test (Nadeau & Bengio 2003) of score differences over folds or repeated splits, which share
 * training rows: the variance is multiplied by 1/k + test/train instead of 1/k.
 *
 * @param ratio test rows over training rows of one split, for example 0.25 for 5 folds.
 */
export function correctedResampledTest(
  differences: Float64Array,
  ratio: number,
  confidence = 0.95,
): { readonly difference: Interval; readonly pValue: number } {
  const k = differences.length;
  if (k < 2) throw numErrors.NUM_TOO_FEW(`A test over splits needs at least 2 of them, not ${k}.`);
  checkFinite('differences', differences);
  checkRange('ratio', ratio, { min: 0 });
  checkRange('confidence', confidence, { min: 0.5, max: 0.9999 });
  const estimate = differences.reduce((sum, value) => sum + value, 0) / k;
  const variance = differences.reduce((sum, value) => sum + (value - estimate) ** 2, 0) / (k - 1);
  const error = Math.sqrt(variance * (1 / k + ratio));
  const half = error * studentQuantile(1 - (1 - confidence) / 2, k - 1);
  const pValue = error > 0 ? 2 * studentSurvival(Math.abs(estimate) / error, k - 1) : estimate === 0 ? 1 : 0;
  return { difference: { estimate, lower: estimate - half, upper: estimate + half, confidence }, pValue };
}

/**
 * Interval of an average precision by the logit method (Boyd, Eng & Page 2013): a closed form for row counts at which
 * resampling takes too long. An estimate of 0 or 1 has no width.
 */
export function logitInterval(estimate: number, positives: number, confidence = 0.95): Interval {
  checkRange('confidence', confidence, { min: 0.5, max: 0.9999 });
  if (!(estimate > 0 && estimate < 1) || positives === 0)
    return { estimate, lower: estimate, upper: estimate, confidence };
  const centre = Math.log(estimate / (1 - estimate));
  const half = normalQuantile(1 - (1 - confidence) / 2) / Math.sqrt(positives * estimate * (1 - estimate));
  const back = (x: number) => 1 / (1 + Math.exp(-x));
  return { estimate, lower: back(centre - half), upper: back(centre + half), confidence };
}
