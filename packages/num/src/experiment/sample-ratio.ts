import { checkLength, checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import { chiSquareSurvival } from '../special/special-functions.js';

export interface SampleRatioTest {
  /** Pearson's χ² against the planned shares. */
  readonly statistic: number;
  readonly pValue: number;
  /** Expected counts by arm. */
  readonly expected: Float64Array;
}

/**
 * Whether the arms of an experiment got the shares they were meant to get. A mismatch means that assignment, logging or
 * filtering is broken, and no comparison of the arms can be believed; p < 0.001 is the usual alarm (Fabijan et al. 2019).
 * An arm without a share must have no observation: one observation there has p = 0.
 *
 * @param counts observations by arm, integers not below 0
 * @param shares planned shares by arm, not below 0; they need not sum to 1
 * @throws NUM_SHAPE for unequal lengths, NUM_RANGE for negative values or no share at all
 */
export function sampleRatioTest(counts: readonly number[], shares: readonly number[]): SampleRatioTest {
  checkLength('shares', shares.length, counts.length);
  for (const count of counts) checkRange('counts', count, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
  for (const share of shares) checkRange('shares', share, { min: 0, max: Number.MAX_VALUE });
  const all = shares.reduce((sum, share) => sum + share, 0);
  if (!(all > 0)) throw numErrors.NUM_RANGE('No arm has a share above 0.');
  const total = counts.reduce((sum, count) => sum + count, 0);
  const expected = Float64Array.from(shares, (share) => (total * share) / all);
  const degrees = shares.filter((share) => share > 0).length - 1;
  let statistic = 0;
  for (let arm = 0; arm < counts.length; arm++) {
    const off = counts[arm] - expected[arm];
    if (off !== 0) statistic += (off * off) / expected[arm];
  }
  const exact = degrees === 0 ? Number(statistic === 0) : chiSquareSurvival(statistic, degrees);
  return { statistic, pValue: total === 0 ? 1 : exact, expected };
}
