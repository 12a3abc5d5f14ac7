import type { Interval } from '@fairlead/kernel';

/** An interval as reports keep it, without what the bootstrap says of itself. */
export function bareInterval({ estimate, lower, upper, confidence }: Interval): Interval {
  return { estimate, lower, upper, confidence };
}
