import type { Interval } from '@fairlead/kernel';
import { checkRange } from '../checks.js';
import { studentQuantile, studentSurvival } from '../special/student.js';
import { checkSample, type Sample, varianceOf } from './sample.js';

export interface WelchTest {
  readonly statistic: number;
  /** Welch–Satterthwaite. */
  readonly freedom: number;
  /** Two-sided. */
  readonly pValue: number;
  /** Of mean(a) − mean(b). */
  readonly difference: Interval;
}

/**
 * Welch's t test of two means at a fixed, planned end: looking more than once makes its errors larger than it says; use
 * {@link sequentialMeanDifference} for that. Two constant, equal samples have p = 1, unequal ones p = 0.
 *
 * @throws NUM_RANGE for fewer than two observations in an arm
 */
export function welchTest(a: Sample, b: Sample, confidence = 0.95): WelchTest {
  checkRange('confidence', confidence, { min: 0.5, max: 0.9999 });
  checkSample('a', a);
  checkSample('b', b);
  const estimate = a.mean - b.mean;
  const first = varianceOf(a) / a.count;
  const second = varianceOf(b) / b.count;
  const error = Math.sqrt(first + second);
  if (error === 0) {
    const pValue = estimate === 0 ? 1 : 0;
    const statistic = estimate === 0 ? 0 : Math.sign(estimate) * Infinity;
    const freedom = a.count + b.count - 2;
    return { statistic, freedom, pValue, difference: { estimate, lower: estimate, upper: estimate, confidence } };
  }
  const freedom = (first + second) ** 2 / (first ** 2 / (a.count - 1) + second ** 2 / (b.count - 1));
  const statistic = estimate / error;
  const reach = studentQuantile(1 - (1 - confidence) / 2, freedom) * error;
  return {
    statistic,
    freedom,
    pValue: 2 * studentSurvival(Math.abs(statistic), freedom),
    difference: { estimate, lower: estimate - reach, upper: estimate + reach, confidence },
  };
}
