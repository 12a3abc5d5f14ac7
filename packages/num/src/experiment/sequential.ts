import type { Interval } from '@fairlead/kernel';
import { checkRange } from '../checks.js';
import type { Count } from '../resample/proportions.js';
import { logGamma } from '../special/special-functions.js';
import { checkSample, type Sample, varianceOf } from './sample.js';

// Intervals that hold at every moment at once: with probability `confidence` the truth is inside all of them, however often
// somebody looks and whatever they decide in between. Their price is width: about 1.3 to 2 times a fixed-time interval.

/**
 * A confidence sequence for a proportion: all shares that the beta-binomial mixture of likelihood ratios has not refuted
 * (Robbins 1970; Ville's inequality). Exact for any number of trials, and for rare successes.
 *
 * @throws NUM_RANGE unless 0 ≤ successes ≤ trials
 */
export function sequentialProportion({ successes, trials }: Count, confidence = 0.95): Interval {
  checkRange('trials', trials, { min: 0, max: Number.MAX_SAFE_INTEGER });
  checkRange('successes', successes, { min: 0, max: trials });
  checkRange('confidence', confidence, { min: 0.5, max: 1 - 1e-12 });
  if (trials === 0) return { estimate: Number.NaN, lower: 0, upper: 1, confidence };
  const failures = trials - successes;
  const estimate = successes / trials;
  const evidence = logBeta(successes + PRIOR, failures + PRIOR) - logBeta(PRIOR, PRIOR);
  const limit = evidence + Math.log(1 - confidence);
  const likelihood = (p: number) =>
    (successes > 0 ? successes * Math.log(p) : 0) + (failures > 0 ? failures * Math.log1p(-p) : 0);
  const refuted = (p: number) => likelihood(p) <= limit;
  return {
    estimate,
    lower: successes === 0 ? 0 : boundary(refuted, { outside: 0, inside: estimate }),
    upper: failures === 0 ? 1 : boundary(refuted, { outside: 1, inside: estimate }),
    confidence,
  };
}

/**
 * A confidence sequence for p(a) − p(b): each arm gets half of the error, so that it holds in whatever order the arms are
 * observed. Exact; somewhat wider than it would have to be.
 */
export function sequentialProportionDifference(a: Count, b: Count, confidence = 0.95): Interval {
  const each = 1 - (1 - confidence) / 2;
  const first = sequentialProportion(a, each);
  const second = sequentialProportion(b, each);
  return {
    estimate: first.estimate - second.estimate,
    lower: first.lower - second.upper,
    upper: first.upper - second.lower,
    confidence,
  };
}

export interface SequentialMeanOptions {
  readonly confidence?: number;
  /** Observations per arm at which the interval should be narrowest for its width; it holds at every count. Default 1000. */
  readonly tightAt?: number;
}

/**
 * A confidence sequence for mean(a) − mean(b): Robbins' normal mixture with estimated variances (Waudby-Smith, Arbour, Sinha,
 * Kennedy, Ramdas 2021; the always-valid interval of Johari et al. 2017). Holds in the limit of many observations: from about
 * fifty per arm on; with heavy tails, later. Below thirty observations in an arm nothing is claimed: the bounds are infinite.
 *
 * @throws NUM_RANGE for options out of range
 */
export function sequentialMeanDifference(a: Sample, b: Sample, options: SequentialMeanOptions = {}): Interval {
  const { confidence = 0.95, tightAt = 1000 } = options;
  checkRange('confidence', confidence, { min: 0.5, max: 1 - 1e-12 });
  checkRange('tightAt', tightAt, { min: 2, max: Number.MAX_SAFE_INTEGER });
  const estimate = a.count > 0 && b.count > 0 ? a.mean - b.mean : Number.NaN;
  const unknown = { estimate, lower: -Infinity, upper: Infinity, confidence };
  if (a.count < MIN_OBSERVATIONS || b.count < MIN_OBSERVATIONS) return unknown;
  checkSample('a', a);
  checkSample('b', b);
  const variance = varianceOf(a) / a.count + varianceOf(b) / b.count;
  if (variance === 0) return { estimate, lower: estimate, upper: estimate, confidence };
  const chance = -2 * Math.log(1 - confidence);
  // The mixing variance that makes the radius smallest when `variance` has its value at `tightAt` observations per arm.
  const mixing = ((varianceOf(a) + varianceOf(b)) / tightAt) * (chance + Math.log(chance) + 1);
  const reach = Math.sqrt(
    ((variance * (variance + mixing)) / mixing) * (chance + Math.log((variance + mixing) / variance)),
  );
  return { estimate, lower: estimate - reach, upper: estimate + reach, confidence };
}

/** Jeffreys' prior as the mixture: the regret of its code for a share is about ½ ln n, the least possible. */
const PRIOR = 0.5;
const MIN_OBSERVATIONS = 30;

const logBeta = (a: number, b: number) => logGamma(a) + logGamma(b) - logGamma(a + b);

/** Where a condition that holds at `outside` and not at `inside` begins, to 1e-13, on the side that claims less. */
function boundary(holds: (x: number) => boolean, ends: { outside: number; inside: number }): number {
  let { outside, inside } = ends;
  while (Math.abs(outside - inside) > 1e-13) {
    const middle = (outside + inside) / 2;
    if (holds(middle)) outside = middle;
    else inside = middle;
  }
  return outside;
}
