import { checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import { normalCdf } from '../special/special-functions.js';
import { incompleteBeta } from '../special/student.js';
import type { Sample } from './sample.js';

/** What is known of an arm whose reward is a success or none. */
export interface BernoulliArm {
  readonly successes: number;
  readonly failures: number;
}

/**
 * The probability of each arm to be the best under independent Beta(1 + successes, 1 + failures) posteriors: exactly the
 * probabilities with which Thompson sampling chooses (Thompson 1933), so that a choice drawn from them has a known
 * propensity. By integration over the posteriors, to about 1e-4; sums to 1.
 */
export function bestBernoulliArm(arms: readonly BernoulliArm[]): Float64Array {
  for (const { successes, failures } of arms) {
    checkRange('successes', successes, { min: 0, max: 1e12 });
    checkRange('failures', failures, { min: 0, max: 1e12 });
  }
  return integrateBest(
    arms.map(({ successes, failures }) => {
      const a = successes + 1;
      const b = failures + 1;
      const mean = a / (a + b);
      return {
        mean,
        deviation: Math.sqrt((mean * (1 - mean)) / (a + b + 1)),
        cdf: (x) => incompleteBeta(x, a, b),
        support: [0, 1],
      };
    }),
  );
}

export interface NormalArmsOptions {
  /** Deviation of one reward while an arm has fewer than two. Default: that of all rewards together, 1 when there are none. */
  readonly priorDeviation?: number;
}

/**
 * The same for rewards that are numbers: posteriors N(mean, s² / n) with a flat prior. An arm with fewer than two rewards is
 * as uncertain as one reward of `priorDeviation` around the mean of all, so that it is tried.
 */
export function bestNormalArm(arms: readonly Sample[], options: NormalArmsOptions = {}): Float64Array {
  const { priorDeviation = usualDeviation(arms) } = options;
  checkRange('priorDeviation', priorDeviation, { min: Number.MIN_VALUE, max: Number.MAX_VALUE });
  const count = arms.reduce((sum, arm) => sum + arm.count, 0);
  const everywhere = count === 0 ? 0 : arms.reduce((sum, arm) => sum + arm.mean * arm.count, 0) / count;
  return integrateBest(
    arms.map((arm) => {
      const known = arm.count >= 2;
      const mean = arm.count > 0 ? arm.mean : everywhere;
      // A few equal rewards do not make an arm certain: its deviation is not below a thousandth of the usual one.
      const spread = known ? Math.sqrt(arm.squares / (arm.count - 1)) : priorDeviation;
      const deviation = Math.max(spread, priorDeviation / 1000) / Math.sqrt(Math.max(1, arm.count));
      return { mean, deviation, cdf: (x) => normalCdf((x - mean) / deviation), support: [-Infinity, Infinity] };
    }),
  );
}

/** ε-greedy: the arm with the best mean gets 1 − ε and its part of ε; ties share; an arm never tried counts as the best. */
export function epsilonGreedy(means: readonly (number | null)[], epsilon: number): Float64Array {
  checkRange('epsilon', epsilon, { min: 0, max: 1 });
  checkArms(means.length);
  const best = means.includes(null) ? null : Math.max(...(means as readonly number[]));
  const winners = means.filter((mean) => mean === best).length;
  return Float64Array.from(means, (mean) => epsilon / means.length + (mean === best ? (1 - epsilon) / winners : 0));
}

/** Mixes in `floor` for each arm, so that no propensity is below it and later corrections stay finite. */
export function withFloor(propensities: Float64Array, floor: number): Float64Array {
  checkRange('floor', floor, { min: 0, max: 1 / propensities.length });
  return propensities.map((p) => floor + (1 - propensities.length * floor) * p);
}

/** The arm that `u`, uniform in [0, 1), chooses. */
export function chooseArm(propensities: Float64Array, u: number): number {
  let sum = 0;
  for (let arm = 0; arm < propensities.length; arm++) {
    sum += propensities[arm];
    if (u < sum) return arm;
  }
  // The sum may end a rounding below 1: then the last arm that can be chosen at all.
  return propensities.findLastIndex((p) => p > 0);
}

interface Posterior {
  readonly mean: number;
  readonly deviation: number;
  readonly cdf: (x: number) => number;
  readonly support: readonly [number, number];
}

const REACH = 8;
const STEP = 0.125;

/**
 * P(arm is largest) = ∫ Π over the others F dFᵢ, on the union of each posterior's own grid: a narrow one beside a wide one is
 * met by nodes of its own. Over a cell dFᵢ is exact and the product is taken as the mean of its ends.
 */
function integrateBest(arms: readonly Posterior[]): Float64Array {
  checkArms(arms.length);
  const nodes = gridOf(arms);
  const result = new Float64Array(arms.length);
  let before = new Float64Array(arms.length);
  let others = productsOfOthers(before);
  for (const x of nodes) {
    const here = Float64Array.from(arms, ({ cdf }) => cdf(x));
    const product = productsOfOthers(here);
    for (let arm = 0; arm < arms.length; arm++) {
      result[arm] += (here[arm] - before[arm]) * 0.5 * (product[arm] + others[arm]);
    }
    before = here;
    others = product;
  }
  const sum = result.reduce((total, p) => total + p, 0);
  return result.map((p) => p / sum);
}

function gridOf(arms: readonly Posterior[]): Float64Array {
  const nodes = new Set<number>();
  for (const { mean, deviation, support } of arms) {
    for (let z = -REACH; z <= REACH; z += STEP) {
      nodes.add(Math.min(support[1], Math.max(support[0], mean + z * deviation)));
    }
  }
  return Float64Array.from(nodes).sort();
}

function productsOfOthers(values: Float64Array): Float64Array {
  return values.map((_, arm) => values.reduce((product, value, i) => (i === arm ? product : product * value), 1));
}

function usualDeviation(arms: readonly Sample[]): number {
  const degrees = arms.reduce((sum, { count }) => sum + Math.max(0, count - 1), 0);
  const squares = arms.reduce((sum, arm) => sum + arm.squares, 0);
  return degrees > 0 && squares > 0 ? Math.sqrt(squares / degrees) : 1;
}

function checkArms(count: number): void {
  if (count < 1) throw numErrors.NUM_TOO_FEW('A bandit needs at least one arm.');
}
