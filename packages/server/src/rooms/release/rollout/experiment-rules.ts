import type { Interval } from '@fairlead/kernel';
import {
  bestBernoulliArm,
  bestNormalArm,
  epsilonGreedy,
  proportionDifference,
  proportionTest,
  sampleRatioTest,
  welchTest,
  withFloor,
} from '@fairlead/num';
import type { ArmLog } from './arm-log-rules.js';
import type { Arms } from './guardrail-rules.js';
import { planExperiment } from './plan-experiment.js';
import type { AbTestSpec, BanditSpec, ExperimentMetric } from './rollout-types.js';

/** Below this a difference from the planned shares is no accident (Fabijan et al. 2019). */
const MISMATCH_P = 0.001;

/** Observations that each arm of a test needs. */
export interface ExperimentPlan {
  readonly candidate: number;
  readonly stable: number;
}

/** @throws NUM_RANGE for a share outside of 0 to 1, an effect or a deviation of nothing */
export function planAbTest({ metric, baseline, standardDeviation, ...spec }: AbTestSpec): ExperimentPlan {
  const scale =
    metric === 'accuracy'
      ? { baseline: baseline ?? Number.NaN }
      : { standardDeviation: standardDeviation ?? Number.NaN };
  const { candidate, stable } = planExperiment({ ...scale, ...spec });
  return { candidate, stable };
}

export interface AbReading {
  readonly plan: ExperimentPlan;
  readonly observed: ExperimentPlan;
  /** p-value of the shares that the arms got, against those they were to get. */
  readonly sampleRatioP: number;
  /** Null before the horizon: looking at it earlier would be peeking. */
  readonly result: { readonly pValue: number; readonly difference: Interval } | null;
}

export type AbVerdict = 'waiting' | 'mismatch' | 'better' | 'worse' | 'no-difference';

/** What an A/B test says now: nothing before its horizon, nothing at all when the arms did not get their shares. */
export function readAbTest(spec: AbTestSpec, arms: Arms, logs: ExperimentLogs): AbReading {
  const { candidate, stable } = logs;
  const plan = planAbTest(spec);
  const observed = { candidate: trialsOf(spec.metric, candidate), stable: trialsOf(spec.metric, stable) };
  const requests = [arms.candidate, arms.stable].map((arm) => (arm === null ? 0 : arm.requests + arm.refused));
  const sampleRatioP = sampleRatioTest(requests, [spec.weight, 1 - spec.weight]).pValue;
  const reached = observed.candidate >= plan.candidate && observed.stable >= plan.stable;
  return { plan, observed, sampleRatioP, result: reached ? compare(spec, candidate, stable) : null };
}

export interface ExperimentLogs {
  readonly candidate: ArmLog;
  readonly stable: ArmLog;
}

export function judgeAbTest({ alpha }: Pick<AbTestSpec, 'alpha'>, { sampleRatioP, result }: AbReading): AbVerdict {
  if (sampleRatioP < MISMATCH_P) return 'mismatch';
  if (result === null) return 'waiting';
  if (result.pValue >= alpha) return 'no-difference';
  return result.difference.estimate > 0 ? 'better' : 'worse';
}

function compare({ metric, alpha }: AbTestSpec, candidate: ArmLog, stable: ArmLog): NonNullable<AbReading['result']> {
  if (metric === 'accuracy') {
    return {
      pValue: proportionTest(candidate.correct, stable.correct),
      difference: proportionDifference(candidate.correct, stable.correct, 1 - alpha),
    };
  }
  const { pValue, difference } = welchTest(candidate.rewards, stable.rewards, 1 - alpha);
  return { pValue, difference };
}

const trialsOf = (metric: ExperimentMetric, { correct, rewards }: ArmLog) =>
  metric === 'accuracy' ? correct.trials : rewards.count;

export interface BanditReading {
  readonly observed: ExperimentPlan;
  /** Probability of the candidate to be the better one, given the rewards so far. */
  readonly candidateBest: number;
  /** Share of traffic that the candidate should have from now on: its propensity. */
  readonly weight: number;
}

/** What a bandit makes of the rewards that have arrived. */
export function readBandit(spec: BanditSpec, { candidate, stable }: ExperimentLogs): BanditReading {
  const { metric, algorithm, epsilon, floor } = spec;
  const arms = [candidate, stable];
  const best =
    metric === 'accuracy'
      ? bestBernoulliArm(
          arms.map(({ correct: { successes, trials } }) => ({ successes, failures: trials - successes })),
        )
      : bestNormalArm(arms.map(({ rewards }) => rewards));
  const shares =
    algorithm === 'thompson'
      ? best
      : epsilonGreedy(
          arms.map((log) => meanOf(metric, log)),
          epsilon,
        );
  return {
    observed: { candidate: trialsOf(metric, candidate), stable: trialsOf(metric, stable) },
    candidateBest: best[0] as number,
    weight: withFloor(shares, floor)[0] as number,
  };
}

function meanOf(metric: ExperimentMetric, { correct, rewards }: ArmLog): number | null {
  if (metric === 'reward') return rewards.count === 0 ? null : rewards.mean;
  return correct.trials === 0 ? null : correct.successes / correct.trials;
}
