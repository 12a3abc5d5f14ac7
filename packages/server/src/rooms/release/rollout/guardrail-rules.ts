import type { Interval, Verdict } from '@fairlead/kernel';
import {
  type Count,
  sequentialMeanDifference,
  sequentialProportion,
  sequentialProportionDifference,
} from '@fairlead/num';
import { largestOf, magnitudeOf } from '../interval-rules.js';
import type { GateResult } from '../release-types.js';
import type { ArmLog } from './arm-log-rules.js';
import type { ArmCounts, Guardrails } from './rollout-types.js';

/** The rails are looked at every second, so their intervals hold at every moment at once, with this confidence each. */
const CONFIDENCE = 0.99;
/** Below so many requests the 99th percentile is little more than the slowest of them. */
const MIN_FOR_P99 = 100;
/** More different answers than this are numbers, not labels. */
const MAX_LABELS = 50;

export interface Arms {
  readonly candidate: ArmCounts;
  /** Null: nothing to compare with, as all traffic is the candidate's. */
  readonly stable: ArmCounts | null;
}

export interface ArmLogs {
  readonly candidate: ArmLog;
  readonly stable: ArmLog | null;
}

interface Rail {
  readonly title: string;
  readonly verdict: Verdict;
  readonly observed: string;
  readonly required: string;
  readonly interval?: Interval;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Whether any of these limits needs the prediction log. */
export function needsLog(rails: Guardrails): boolean {
  const { maxPredictionShift, maxAccuracyDrop, maxRewardDrop, fairness } = rails;
  return [maxPredictionShift, maxAccuracyDrop, maxRewardDrop, fairness].some((limit) => limit !== undefined);
}

/**
 * Each limit with pass, fail or insufficient. A ratio fails once the truth lies above its limit with 99 % confidence, however
 * often one looks; an absolute one passes while what was seen is within it, a comparison when the truth is. Latencies have no interval: their
 * counted p99 decides, from 100 requests on. An absolute limit
 * that the stable version breaks as well says nothing against the candidate.
 */
export function judgeGuardrails(rails: Guardrails, arms: Arms, logs?: ArmLogs): GateResult[] {
  const found = [...absoluteRails(rails, arms), ...comparedRails(rails, arms), ...loggedRails(rails, logs)];
  return found.map((rail) => ({ kind: 'guardrail', ...rail }));
}

function absoluteRails(rails: Guardrails, { candidate, stable }: Arms): Rail[] {
  const ratio = (title: string, limit: number, count: (arm: ArmCounts) => number): Rail =>
    unlessBoth(
      ratioRail(title, limit, { successes: count(candidate), trials: candidate.requests }),
      stable && ratioRail(title, limit, { successes: count(stable), trials: stable.requests }),
    );
  return [
    ratio('Error ratio', rails.maxErrorRatio, ({ errors }) => errors),
    ratio('Non-finite outputs', rails.maxNonFiniteRatio, ({ nonFiniteOutputs }) => nonFiniteOutputs),
    unlessBoth(p99Rail(rails.maxP99Ms, candidate), stable && p99Rail(rails.maxP99Ms, stable)),
  ];
}

function ratioRail(title: string, limit: number, seen: Count): Rail {
  const interval = sequentialProportion(seen, CONFIDENCE);
  const { estimate, lower } = interval;
  return {
    title,
    verdict: seen.trials === 0 ? 'insufficient' : lower > limit ? 'fail' : estimate <= limit ? 'pass' : 'insufficient',
    observed: seen.trials === 0 ? 'no requests yet' : round(estimate),
    required: `at most ${limit}`,
    ...(seen.trials > 0 && { interval }),
    evidence: { requests: seen.trials, count: seen.successes },
  };
}

function p99Rail(limit: number, { requests, p99Ms }: ArmCounts): Rail {
  const verdict = p99Ms <= limit ? 'pass' : requests < MIN_FOR_P99 ? 'insufficient' : 'fail';
  return {
    title: 'Latency p99',
    verdict: requests === 0 ? 'insufficient' : verdict,
    observed: requests === 0 ? 'no requests yet' : `${round(p99Ms)} ms`,
    required: `at most ${limit} ms`,
    evidence: { requests },
  };
}

function unlessBoth(candidate: Rail, stable: Rail | null): Rail {
  if (candidate.verdict !== 'fail' || stable?.verdict !== 'fail') return candidate;
  const observed = `${candidate.observed}; the stable version breaks it too: ${stable.observed}`;
  return { ...candidate, verdict: 'insufficient', observed };
}

function comparedRails(rails: Guardrails, { candidate, stable }: Arms): Rail[] {
  const found: Rail[] = [];
  const compare = (title: string, limit: number | undefined, count: (arm: ArmCounts) => Count) => {
    if (limit === undefined) return;
    found.push(
      stable === null
        ? nothingToCompare(title, limit)
        : differenceRail(title, limit, sequentialProportionDifference(count(candidate), count(stable), CONFIDENCE)),
    );
  };
  compare('Error ratio above stable', rails.maxErrorIncrease, (arm) => ({
    successes: arm.errors,
    trials: arm.requests,
  }));
  compare('Refused inputs above stable', rails.maxRefusedIncrease, (arm) => ({
    successes: arm.refused,
    trials: arm.requests + arm.refused,
  }));
  if (rails.maxP99Ratio !== undefined) found.push(p99RatioRail(rails.maxP99Ratio, candidate, stable));
  return found;
}

function p99RatioRail(limit: number, candidate: ArmCounts, stable: ArmCounts | null): Rail {
  const title = 'Latency p99 over stable';
  if (stable === null) return nothingToCompare(title, limit);
  const few = Math.min(candidate.requests, stable.requests) < MIN_FOR_P99;
  const ratio = candidate.p99Ms / stable.p99Ms;
  return {
    title,
    verdict: few ? 'insufficient' : ratio <= limit ? 'pass' : 'fail',
    observed: few ? `fewer than ${MIN_FOR_P99} requests of one` : `${round(ratio)}×`,
    required: `at most ${limit}×`,
    evidence: { candidateMs: candidate.p99Ms, stableMs: stable.p99Ms },
  };
}

function loggedRails(rails: Guardrails, logs: ArmLogs | undefined): Rail[] {
  const { maxPredictionShift, maxAccuracyDrop, maxRewardDrop, fairness } = rails;
  const found: Rail[] = [];
  const compare = (title: string, limit: number | undefined, interval: (a: ArmLog, b: ArmLog) => Interval) => {
    if (limit === undefined) return;
    const { candidate, stable } = logs ?? { candidate: null, stable: null };
    if (candidate === null || stable === null) found.push(nothingToCompare(title, limit));
    else found.push(differenceRail(title, limit, interval(candidate, stable)));
  };
  compare('Prediction shift', maxPredictionShift, predictionShift);
  compare('Accuracy below stable', maxAccuracyDrop, (a, b) =>
    sequentialProportionDifference(b.correct, a.correct, CONFIDENCE),
  );
  compare('Reward below stable', maxRewardDrop, (a, b) =>
    sequentialMeanDifference(b.rewards, a.rewards, { confidence: CONFIDENCE }),
  );
  if (fairness !== undefined) found.push(fairnessRail(fairness, logs?.candidate));
  return found;
}

/** Fails once the truth is above the limit, passes once it is not. */
function differenceRail(title: string, limit: number, interval: Interval): Rail {
  const { estimate, lower, upper } = interval;
  return {
    title,
    verdict: lower > limit ? 'fail' : upper <= limit ? 'pass' : 'insufficient',
    observed: Number.isNaN(estimate) ? 'nothing known yet' : `${round(estimate)} [${round(lower)}, ${round(upper)}]`,
    required: `at most ${limit}`,
    ...(Number.isFinite(lower) && Number.isFinite(upper) && !Number.isNaN(estimate) && { interval }),
    evidence: {},
  };
}

const nothingToCompare = (title: string, limit: number): Rail => ({
  title,
  verdict: 'insufficient',
  observed: 'nothing to compare with',
  required: `at most ${limit}`,
  evidence: {},
});

/** The label whose share moved most, each with its part of the error; of numbers the mean, in deviations of the stable ones. */
function predictionShift(candidate: ArmLog, stable: ArmLog): Interval {
  const labels = new Set([...candidate.labels.keys(), ...stable.labels.keys()]);
  if (labels.size > MAX_LABELS) return meanShift(candidate, stable);
  const confidence = 1 - (1 - CONFIDENCE) / Math.max(1, labels.size);
  const share = ({ labels: counts, rows }: ArmLog, label: string): Count => ({
    successes: counts.get(label) ?? 0,
    trials: rows,
  });
  const shifts = [...labels].map((label) =>
    magnitudeOf(sequentialProportionDifference(share(candidate, label), share(stable, label), confidence)),
  );
  return largestOf(shifts, CONFIDENCE);
}

function meanShift({ values }: ArmLog, { values: reference }: ArmLog): Interval {
  const deviation = Math.sqrt(reference.squares / Math.max(1, reference.count - 1));
  const { estimate, lower, upper, confidence } = magnitudeOf(
    sequentialMeanDifference(values, reference, { confidence: CONFIDENCE }),
  );
  return { estimate: estimate / deviation, lower: lower / deviation, upper: upper / deviation, confidence };
}

/** Every pair of groups, each with its part of the error. */
function fairnessRail({ label, column, maxDifference }: NonNullable<Guardrails['fairness']>, log?: ArmLog): Rail {
  const title = `Share of ${label} between groups of ${column}`;
  const groups = [...(log?.groups ?? [])];
  if (groups.length < 2) return { ...nothingToCompare(title, maxDifference), observed: 'fewer than two groups' };
  const pairs = groups.flatMap((a, i) => groups.slice(i + 1).map((b) => [a, b] as const));
  const confidence = 1 - (1 - CONFIDENCE) / pairs.length;
  const rail = differenceRail(
    title,
    maxDifference,
    largestOf(
      pairs.map(([[, a], [, b]]) => magnitudeOf(sequentialProportionDifference(a, b, confidence))),
      CONFIDENCE,
    ),
  );
  const shares = groups.map(([group, { successes, trials }]) => ({ group, rows: trials, share: successes / trials }));
  return { ...rail, evidence: { groups: shares } };
}

const round = (value: number) => String(Math.round(value * 1e4) / 1e4);
