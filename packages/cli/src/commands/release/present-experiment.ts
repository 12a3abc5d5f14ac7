import type { ReleaseView } from '@fairlead/contracts';
import { count, formatNumber, formatRatio } from '../../terminal/format.js';

type Experiment = NonNullable<NonNullable<ReleaseView['rollout']>['experiment']>;

/** What an A/B test, a bandit or a shadow has seen, in one line; null when there is none. */
export function presentExperiment(experiment: Experiment | undefined): string | null {
  if (experiment === undefined) return null;
  const { plan, observed, candidateBest, arms, pairs } = experiment;
  if (pairs !== undefined) return presentShadow(pairs, experiment);
  const seen = observed && `${observed.candidate} and ${observed.stable} observations`;
  if (plan !== undefined)
    return `${seen} of ${plan.candidate} and ${plan.stable} planned; ${presentResult(experiment)}`;
  if (candidateBest === undefined) return seen ?? null;
  // Of more than two versions a table has it all.
  if ((arms?.length ?? 0) > 2) return null;
  return `${seen}; the candidate is the better one with probability ${formatNumber(candidateBest)}`;
}

function presentResult({ result }: Experiment): string {
  if (result == null) return 'no result before both have them';
  const { pValue, difference } = result;
  const [estimate, lower, upper] = [difference.estimate, difference.lower, difference.upper].map(formatNumber);
  return `difference ${estimate}, ${formatRatio(difference.confidence)} interval ${lower} to ${upper}, p ${formatNumber(pValue)}`;
}

function presentShadow(pairs: number, { agreeing = 0, meanProbabilityDifference }: Experiment): string {
  const apart =
    meanProbabilityDifference == null
      ? ''
      : `, probabilities ${formatNumber(meanProbabilityDifference)} apart on average`;
  return `${count(pairs, 'row')} answered by both, ${agreeing} with the same label${apart}`;
}
