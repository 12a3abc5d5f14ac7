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
import type { BanditArm } from '../release-types.js';
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

/** What the rewards that have arrived say of one version. */
export interface ArmReading {
  readonly role: BanditArm['role'];
  /** Of a further arm. */
  readonly version?: number;
  /** Rewards. */
  readonly observed: number;
  /** Probability to be the best of all that take part. */
  readonly best: number;
  /** Share of traffic that it should have from now on: its propensity. */
  readonly weight: number;
}

export interface BanditReading {
  readonly observed: ExperimentPlan;
  /** Probability of the candidate to be the best one, given the rewards so far. */
  readonly candidateBest: number;
  /** Share of traffic that the candidate should have from now on. */
  readonly weight: number;
  /** The candidate, the stable version, then the others in their order. */
  readonly arms: readonly ArmReading[];
}

export interface BanditLogs extends ExperimentLogs {
  /** Further arms that take part still. */
  readonly others?: readonly { readonly version: number; readonly log: ArmLog }[];
}

/** What a bandit makes of the rewards that have arrived. */
export function readBandit(spec: BanditSpec, { candidate, stable, others = [] }: BanditLogs): BanditReading {
  const { metric, algorithm, epsilon, floor } = spec;
  const arms = [candidate, stable, ...others.map(({ log }) => log)];
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
  const weights = withFloor(shares, floor);
  const readings = arms.map((log, i): ArmReading => {
    const other = others[i - 2];
    return {
      ...(other === undefined ? { role: i === 0 ? 'candidate' : 'stable' } : { role: 'other', version: other.version }),
      ...{ observed: trialsOf(metric, log), best: best[i] as number, weight: weights[i] as number },
    };
  });
  const [first, second] = readings as [ArmReading, ArmReading];
  return {
    observed: { candidate: first.observed, stable: second.observed },
    candidateBest: first.best,
    weight: first.weight,
    arms: readings,
  };
}

function meanOf(metric: ExperimentMetric, { correct, rewards }: ArmLog): number | null {
  if (metric === 'reward') return rewards.count === 0 ? null : rewards.mean;
  return correct.trials === 0 ? null : correct.successes / correct.trials;
}
