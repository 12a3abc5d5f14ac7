import { checkFinite, checkLength, checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';

export interface PolicyInput {
  /** Reward of each step, in the order of time within its episode. */
  readonly rewards: Float64Array;
  /** Episode of each step: any integers. Absent: one episode. */
  readonly episodes?: Int32Array | undefined;
  /** The greatest expected reward that was to be had at each step; needed for regret. */
  readonly best?: Float64Array | undefined;
  /** Worth of a reward one step later, 0..1. Default 1: no discount. */
  readonly discount?: number | undefined;
}

/** How well a policy did. */
export interface PolicyMetrics {
  readonly steps: number;
  readonly episodes: number;
  /** Σ reward over all steps. */
  readonly cumulativeReward: number;
  /** Mean over episodes of the discounted return Σ γᵗ·rₜ. */
  readonly meanReturn: number;
  /** Cumulative reward over the number of returns, that is of episodes: undiscounted. */
  readonly rewardPerReturn: number;
  readonly meanReward: number;
  /** Σ (best − reward), below zero when chance favoured the policy; undefined without `best`. */
  readonly regret: number | undefined;
  /** Discounted return of each episode, in the order in which they begin. */
  readonly returns: Float64Array;
}

/** Return, cumulative reward, reward per return and regret of logged steps. @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_TOO_FEW */
export function scorePolicy({ rewards, episodes, best, discount = 1 }: PolicyInput): PolicyMetrics {
  if (rewards.length === 0) throw numErrors.NUM_TOO_FEW('There are no steps to score.');
  checkFinite('rewards', rewards);
  checkRange('discount', discount, { min: 0, max: 1 });
  if (episodes) checkLength('episodes', episodes.length, rewards.length);
  if (best) {
    checkLength('best', best.length, rewards.length);
    checkFinite('best', best);
  }
  const placeOf = new Map<number, number>();
  const returns: number[] = [];
  const factors: number[] = [];
  let total = 0;
  let regret = 0;
  for (let i = 0; i < rewards.length; i++) {
    const episode = episodes ? episodes[i] : 0;
    let place = placeOf.get(episode);
    if (place === undefined) {
      place = placeOf.size;
      placeOf.set(episode, place);
      returns.push(0);
      factors.push(1);
    }
    returns[place] += factors[place] * rewards[i];
    factors[place] *= discount;
    total += rewards[i];
    if (best) regret += best[i] - rewards[i];
  }
  return {
    steps: rewards.length,
    episodes: returns.length,
    cumulativeReward: total,
    meanReturn: returns.reduce((sum, value) => sum + value, 0) / returns.length,
    rewardPerReturn: total / returns.length,
    meanReward: total / rewards.length,
    regret: best ? regret : undefined,
    returns: Float64Array.from(returns),
  };
}
