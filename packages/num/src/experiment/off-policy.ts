import { checkLength } from '../checks.js';
import { numErrors } from '../num-errors.js';

export interface OffPolicyEstimate {
  /** Mean reward that the other policy would have had, self-normalised. */
  readonly value: number;
  /** Standard error by the delta method. */
  readonly standardError: number;
  /** (Σw)² / Σw²: how many observations of that policy the weighted ones are worth. */
  readonly effectiveCount: number;
}

/**
 * What another way of choosing would have earned, from choices with logged propensities: the self-normalised inverse
 * propensity estimate (Swaminathan, Joachims 2015). Biased by O(1/n), but bounded by the rewards seen, and shifting all
 * rewards shifts it as much.
 *
 * @param rewards of the arms that were chosen
 * @param logged the probability with which each was chosen, in (0, 1]
 * @param target the probability with which the other policy would have chosen it, in [0, 1]
 * @throws NUM_SHAPE for unequal lengths, NUM_RANGE for a propensity out of range, NUM_TOO_FEW when no choice is possible
 * under the other policy
 */
export function offPolicyValue(rewards: Float64Array, logged: Float64Array, target: Float64Array): OffPolicyEstimate {
  checkLength('logged', logged.length, rewards.length);
  checkLength('target', target.length, rewards.length);
  const weights = target.map((wanted, i) => {
    const had = logged[i];
    if (had > 0 && had <= 1 && wanted >= 0 && wanted <= 1) return wanted / had;
    throw numErrors.NUM_RANGE(`Choice ${i} has the propensities ${had} and ${wanted}, expected (0, 1] and [0, 1].`);
  });
  let sum = 0;
  let squares = 0;
  let earned = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i];
    squares += weights[i] ** 2;
    earned += weights[i] * rewards[i];
  }
  if (sum === 0) throw numErrors.NUM_TOO_FEW('The other policy would have made none of these choices.');
  const value = earned / sum;
  let spread = 0;
  for (let i = 0; i < weights.length; i++) spread += (weights[i] * (rewards[i] - value)) ** 2;
  return { value, standardError: Math.sqrt(spread) / sum, effectiveCount: sum ** 2 / squares };
}
