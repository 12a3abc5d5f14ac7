import type { Interval } from '@fairlead/kernel';

/** The interval of |x|. */
export function magnitudeOf({ estimate, lower, upper, confidence }: Interval): Interval {
  const inside = lower <= 0 && upper >= 0;
  return {
    estimate: Math.abs(estimate),
    lower: inside ? 0 : Math.min(Math.abs(lower), Math.abs(upper)),
    upper: Math.max(Math.abs(lower), Math.abs(upper)),
    confidence,
  };
}

/** The interval of the largest of several that are not negative, all of which hold at once with `confidence`. */
export function largestOf(intervals: readonly Interval[], confidence: number): Interval {
  const of = (pick: (interval: Interval) => number) => Math.max(0, ...intervals.map(pick));
  return {
    estimate: intervals.length === 0 ? Number.NaN : of(({ estimate }) => estimate),
    lower: of(({ lower }) => lower),
    upper: intervals.length === 0 ? Infinity : of(({ upper }) => upper),
    confidence,
  };
}
