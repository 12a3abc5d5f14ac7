import type { Interval } from '@fairlead/kernel';
import { checkRange } from '../checks.js';
import { normalQuantile, normalSurvival } from '../special/special-functions.js';

/** Wilson score interval of a proportion (Wilson 1927): holds its coverage for small n and extreme shares. */
export function wilsonInterval(successes: number, trials: number, confidence = 0.95): Interval {
  checkRange('trials', trials, { min: 1 });
  checkRange('successes', successes, { min: 0, max: trials });
  checkRange('confidence', confidence, { min: 0.5, max: 0.9999 });
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const p = successes / trials;
  const scale = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  // At the ends the bound is exact; subtraction would leave 1e-17 of noise.
  const lower = successes === 0 ? 0 : Math.max(0, centre - half);
  const upper = successes === trials ? 1 : Math.min(1, centre + half);
  return { estimate: p, lower, upper, confidence };
}

export interface Count {
  readonly successes: number;
  readonly trials: number;
}

/** Interval of p(a) − p(b) by Newcombe's method 10 (1998), built from two Wilson intervals. */
export function proportionDifference(a: Count, b: Count, confidence = 0.95): Interval {
  const first = wilsonInterval(a.successes, a.trials, confidence);
  const second = wilsonInterval(b.successes, b.trials, confidence);
  const estimate = first.estimate - second.estimate;
  const below = Math.hypot(first.estimate - first.lower, second.upper - second.estimate);
  const above = Math.hypot(first.upper - first.estimate, second.estimate - second.lower);
  return { estimate, lower: Math.max(-1, estimate - below), upper: Math.min(1, estimate + above), confidence };
}

/**
 * Interval of p(a) / p(b) by the method of variance estimates recovery (Donner & Zou 2012), built from two Wilson intervals.
 * Without a success in `b` the upper end is infinite, and of two without any the estimate is NaN.
 */
export function proportionRatio(a: Count, b: Count, confidence = 0.95): Interval {
  const { estimate: p, lower: l1, upper: u1 } = wilsonInterval(a.successes, a.trials, confidence);
  const { estimate: q, lower: l2, upper: u2 } = wilsonInterval(b.successes, b.trials, confidence);
  const root = (x: number, y: number) => Math.sqrt(Math.max(0, (p * q) ** 2 - x * y * (2 * p - x) * (2 * q - y)));
  const lower = (p * q - root(l1, u2)) / (u2 * (2 * q - u2));
  // Where the interval of b reaches beyond twice its estimate the denominator turns: nothing is known but that it is positive.
  const safe = 2 * q - u2 > 0 ? lower : l1 / u2;
  const upper = l2 > 0 ? (p * q + root(u1, l2)) / (l2 * (2 * q - l2)) : Infinity;
  return { estimate: p / q, lower: Math.max(0, safe), upper, confidence };
}

/** Two-sided p-value of the pooled two-proportion z test; 1 when both samples are constant and equal. */
export function proportionTest(a: Count, b: Count): number {
  const pooled = (a.successes + b.successes) / (a.trials + b.trials);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / a.trials + 1 / b.trials));
  if (!(error > 0)) return 1;
  return 2 * normalSurvival(Math.abs(a.successes / a.trials - b.successes / b.trials) / error);
}
