import type { Interval, Verdict } from '@fairlead/kernel';
import {
  type Count,
  sequentialMeanDifference,
  sequentialProportion,
  sequentialProportionDifference,
} from '@fairlead/num';
import { largestOf, magnitudeOf } from '../interval-rules.js';
import { counted, milliseconds, rounded, share } from '../measure-words.js';
import type { GateResult } from '../release-types.js';
import type { ArmLog } from './arm-log-rules.js';
import type { ArmCounts, Guardrails } from './rollout-types.js';

/** The rails are looked at every second, so their intervals hold at every moment at once, with this confidence each. */
const CONFIDENCE = 0.99;
/** Below so many requests the 99th percentile is little more than the slowest of them. */
const MIN_FOR_P99 = 100;
/** More different answers than this are numbers, not labels. */
const MAX_LABELS = 50;
const NO_REQUESTS = 'no requests yet';

export interface Arms {
  readonly candidate: ArmCounts;
  /** Null: nothing to compare with, as all traffic is the candidate's. */
  readonly stable: ArmCounts | null;
}

/** What a compared value is written in. */
type Unit = (value: number) => string;

const deviations: Unit = (value) => `${rounded(value)} standard deviations`;
const times: Unit = (value) => `${rounded(value)}×`;

interface Limit {
  readonly title: string;
  readonly most: number;
  readonly unit: Unit;
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
    observed: seen.trials === 0 ? NO_REQUESTS : `${share(estimate)} of ${counted(seen.trials, 'request')}`,
    required: `at most ${share(limit)}`,
    ...(seen.trials > 0 && { interval }),
    evidence: { requests: seen.trials, count: seen.successes },
  };
}

function p99Rail(limit: number, { requests, p99Ms }: ArmCounts): Rail {
  const verdict = p99Ms <= limit ? 'pass' : requests < MIN_FOR_P99 ? 'insufficient' : 'fail';
  return {
    title: 'Latency p99',
    verdict: requests === 0 ? 'insufficient' : verdict,
    observed: requests === 0 ? NO_REQUESTS : `${milliseconds(p99Ms)} over ${counted(requests, 'request')}`,
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
        ? nothingToCompare({ title, most: limit, unit: share })
        : differenceRail(
            { title, most: limit, unit: share },
            sequentialProportionDifference(count(candidate), count(stable), CONFIDENCE),
          ),
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
  if (stable === null) return nothingToCompare({ title, most: limit, unit: times });
  const few = Math.min(candidate.requests, stable.requests) < MIN_FOR_P99;
  const ratio = candidate.p99Ms / stable.p99Ms;
  return {
    title,
    verdict: few ? 'insufficient' : ratio <= limit ? 'pass' : 'fail',
    observed: few ? `fewer than ${MIN_FOR_P99} requests of one` : times(ratio),
    required: `at most ${times(limit)}`,
    evidence: { candidateMs: candidate.p99Ms, stableMs: stable.p99Ms },
  };
}

function loggedRails(rails: Guardrails, logs: ArmLogs | undefined): Rail[] {
  const { maxPredictionShift, maxAccuracyDrop, maxRewardDrop, fairness } = rails;
  const { candidate, stable } = logs ?? { candidate: null, stable: null };
  const found: Rail[] = [];
  const compare = (
    { title, most, unit }: Omit<Limit, 'most'> & { most: number | undefined },
    interval: (a: ArmLog, b: ArmLog) => Interval,
  ) => {
    if (most === undefined) return;
    if (candidate === null || stable === null) found.push(nothingToCompare({ title, most, unit }));
    else found.push(differenceRail({ title, most, unit }, interval(candidate, stable)));
  };
  const numbers = candidate !== null && stable !== null && answersNumbers(candidate, stable);
  const shiftUnit = numbers ? deviations : share;
  compare({ title: 'Prediction shift', most: maxPredictionShift, unit: shiftUnit }, predictionShift);
  compare({ title: 'Accuracy below stable', most: maxAccuracyDrop, unit: share }, (a, b) =>
    sequentialProportionDifference(b.correct, a.correct, CONFIDENCE),
  );
  compare({ title: 'Reward below stable', most: maxRewardDrop, unit: rounded }, (a, b) =>
    sequentialMeanDifference(b.rewards, a.rewards, { confidence: CONFIDENCE }),
  );
  if (fairness !== undefined) found.push(fairnessRail(fairness, logs?.candidate));
  return found;
}

/** Fails once the truth is above the limit, passes once it is not. */
function differenceRail({ title, most, unit }: Limit, interval: Interval): Rail {
  const { estimate, lower, upper } = interval;
  const bounded = Number.isFinite(lower) && Number.isFinite(upper);
  return {
    title,
    verdict: lower > most ? 'fail' : upper <= most ? 'pass' : 'insufficient',
    observed: Number.isNaN(estimate) ? 'nothing known yet' : withInterval(unit, interval),
    required: `at most ${unit(most)}`,
    ...(bounded && !Number.isNaN(estimate) && { interval }),
    evidence: {},
  };
}

function withInterval(unit: Unit, { estimate, lower, upper, confidence }: Interval): string {
  if (!Number.isFinite(lower) || !Number.isFinite(upper)) return `${unit(estimate)}; too few for an interval`;
  return `${unit(estimate)}, ${share(confidence)} interval ${unit(lower)} to ${unit(upper)}`;
}

const nothingToCompare = ({ title, most, unit }: Limit): Rail => ({
  title,
  verdict: 'insufficient',
  observed: 'nothing to compare with',
  required: `at most ${unit(most)}`,
  evidence: {},
});

/** The label whose share moved most, each with its part of the error; of numbers the mean, in deviations of the stable ones. */
function predictionShift(candidate: ArmLog, stable: ArmLog): Interval {
  if (answersNumbers(candidate, stable)) return meanShift(candidate, stable);
  const labels = labelsOf(candidate, stable);
  const confidence = 1 - (1 - CONFIDENCE) / Math.max(1, labels.size);
  const countOf = ({ labels: counts, rows }: ArmLog, label: string): Count => ({
    successes: counts.get(label) ?? 0,
    trials: rows,
  });
  const shifts = [...labels].map((label) =>
    magnitudeOf(sequentialProportionDifference(countOf(candidate, label), countOf(stable, label), confidence)),
  );
  return largestOf(shifts, CONFIDENCE);
}

const labelsOf = (candidate: ArmLog, stable: ArmLog) => new Set([...candidate.labels.keys(), ...stable.labels.keys()]);

const answersNumbers = (candidate: ArmLog, stable: ArmLog) => labelsOf(candidate, stable).size > MAX_LABELS;

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
  const limit: Limit = { title, most: maxDifference, unit: share };
  if (groups.length < 2) return { ...nothingToCompare(limit), observed: 'fewer than two groups' };
  const pairs = groups.flatMap((a, i) => groups.slice(i + 1).map((b) => [a, b] as const));
  const confidence = 1 - (1 - CONFIDENCE) / pairs.length;
  const rail = differenceRail(
    limit,
    largestOf(
      pairs.map(([[, a], [, b]]) => magnitudeOf(sequentialProportionDifference(a, b, confidence))),
      CONFIDENCE,
    ),
  );
  const shares = groups.map(([group, { successes, trials }]) => ({ group, rows: trials, share: successes / trials }));
  return { ...rail, evidence: { groups: shares } };
}
