import { checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';

/** What is kept of a stream of observations: Welford's three numbers. */
export interface Sample {
  readonly count: number;
  readonly mean: number;
  /** Sum of the squared deviations from the mean. */
  readonly squares: number;
}

export const emptySample: Sample = { count: 0, mean: 0, squares: 0 };

/** The sample with one observation more (Welford 1962). */
export function addToSample({ count, mean, squares }: Sample, value: number): Sample {
  const next = count + 1;
  const off = value - mean;
  const moved = mean + off / next;
  return { count: next, mean: moved, squares: squares + off * (value - moved) };
}

/** Two samples as one (Chan, Golub, LeVeque 1979). */
export function mergeSamples(a: Sample, b: Sample): Sample {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const off = b.mean - a.mean;
  return {
    count,
    mean: a.mean + (off * b.count) / count,
    squares: a.squares + b.squares + (off * off * a.count * b.count) / count,
  };
}

/** Unbiased variance; needs two observations. */
export const varianceOf = ({ count, squares }: Sample): number => squares / (count - 1);

/** Fails with NUM_RANGE unless the sample has two observations and finite sums. */
export function checkSample(what: string, sample: Sample): void {
  checkRange(`${what}.count`, sample.count, { min: 2, max: Number.MAX_SAFE_INTEGER, integer: true });
  if (Number.isFinite(sample.mean) && sample.squares >= 0 && sample.squares < Infinity) return;
  throw numErrors.NUM_RANGE(`${what} has the mean ${sample.mean} and the squares ${sample.squares}.`);
}
