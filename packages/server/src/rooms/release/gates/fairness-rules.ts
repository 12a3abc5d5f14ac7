import type { Interval, Verdict } from '@fairlead/kernel';
import { type Count, proportionDifference, proportionRatio } from '@fairlead/num';
import { largestOf, magnitudeOf } from '../interval-rules.js';
import { withinBound } from './define-gate.js';
import type { FairnessBounds } from './gate-types.js';

/** One group of people: how many were selected, and of those who should and should not have been. */
export interface GroupCounts {
  readonly group: string;
  readonly rows: number;
  readonly selected: number;
  readonly positives: number;
  readonly truePositives: number;
  readonly negatives: number;
  readonly falsePositives: number;
}

export interface FairnessFinding {
  /** Which bound of the gate. */
  readonly bound: keyof FairnessBounds;
  readonly name: string;
  readonly limit: number;
  readonly verdict: Verdict;
  /** Of the pair of groups that lies furthest apart; null when fewer than two groups are large enough. */
  readonly interval: Interval | null;
  readonly between: readonly [string, string] | null;
  /** Groups that are too small for this rate. */
  readonly small: readonly string[];
}

const CONFIDENCE = 0.95;

type Rate = (group: GroupCounts) => Count;
const selection: Rate = ({ selected, rows }) => ({ successes: selected, trials: rows });
const truePositiveRate: Rate = ({ truePositives, positives }) => ({ successes: truePositives, trials: positives });
const falsePositiveRate: Rate = ({ falsePositives, negatives }) => ({ successes: falsePositives, trials: negatives });

const MEASURES: readonly (readonly [keyof FairnessBounds, string, Rate, 'difference' | 'ratio'])[] = [
  ['maxSelectionDifference', 'selection rate difference', selection, 'difference'],
  ['minSelectionRatio', 'selection rate ratio', selection, 'ratio'],
  ['maxTprDifference', 'true positive rate difference', truePositiveRate, 'difference'],
  ['minTprRatio', 'true positive rate ratio', truePositiveRate, 'ratio'],
  ['maxFprDifference', 'false positive rate difference', falsePositiveRate, 'difference'],
];

/** Every bound that is given, by the pair of groups that lies furthest apart. All pairs hold at once with 95 % confidence. */
export function judgeFairness(
  bounds: FairnessBounds,
  groups: readonly GroupCounts[],
  minGroupRows: number,
): FairnessFinding[] {
  return MEASURES.flatMap(([bound, name, rate, kind]): FairnessFinding[] => {
    const limit = bounds[bound];
    if (limit === undefined) return [];
    const large = groups.filter((group) => rate(group).trials >= minGroupRows);
    const small = groups.filter((group) => !large.includes(group)).map(({ group }) => group);
    const pairs = large.flatMap((a, i) => large.slice(i + 1).map((b) => [a, b] as const));
    if (pairs.length === 0) {
      return [{ bound, name, limit, verdict: 'insufficient', interval: null, between: null, small }];
    }
    const confidence = 1 - (1 - CONFIDENCE) / pairs.length;
    const compare = kind === 'difference' ? differenceOf : ratioOf;
    const compared = pairs.map(([a, b]) => ({ a, b, interval: compare(rate(a), rate(b), confidence) }));
    const furthest = compared.reduce((worst, one) =>
      apart(kind, one.interval) > apart(kind, worst.interval) ? one : worst,
    );
    const intervals = compared.map(({ interval }) => interval);
    const interval = kind === 'difference' ? largestOf(intervals, CONFIDENCE) : smallestOf(intervals);
    const verdict = kind === 'difference' ? withinBound(interval, limit) : aboveBound(interval, limit);
    const between = [furthest.a.group, furthest.b.group] as const;
    return [{ bound, name, limit, verdict, interval, between, small }];
  });
}

const differenceOf = (a: Count, b: Count, confidence: number) => magnitudeOf(proportionDifference(a, b, confidence));

/** The smaller rate over the larger, whichever that is. Nobody selected in either: they are alike. */
function ratioOf(a: Count, b: Count, confidence: number): Interval {
  const { estimate, lower, upper } = proportionRatio(a, b, confidence);
  return {
    estimate: Number.isNaN(estimate) ? 1 : Math.min(estimate, 1 / estimate),
    lower: Math.min(lower, 1 / upper),
    upper: lower <= 1 && upper >= 1 ? 1 : Math.min(upper, 1 / lower),
    confidence,
  };
}

function smallestOf(intervals: readonly Interval[]): Interval {
  const of = (pick: (interval: Interval) => number) => Math.min(1, ...intervals.map(pick));
  return {
    estimate: of(({ estimate }) => estimate),
    lower: of(({ lower }) => lower),
    upper: of(({ upper }) => upper),
    confidence: CONFIDENCE,
  };
}

const apart = (kind: 'difference' | 'ratio', { estimate }: Interval) => (kind === 'difference' ? estimate : -estimate);

function aboveBound({ lower, upper }: Interval, bound: number): Verdict {
  if (upper < bound) return 'fail';
  return lower >= bound ? 'pass' : 'insufficient';
}
