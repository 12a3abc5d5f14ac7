import { findTrainer, type Params } from '@fairlead/num';
import type { Candidate } from '../candidate-rules.js';
import type { SelectionMetric } from '../training-types.js';

/** Metrics that read the most probable class only. */
const LABEL_METRICS: readonly (SelectionMetric | null)[] = ['accuracy', 'balanced-accuracy', 'f1-macro'];

/**
 * What a trial sets otherwise than the fit on all rows will. A metric of labels does not read probabilities, so a trainer
 * that calibrates them (five more fits per pair of classes) does not, unless the candidate says itself whether it shall.
 * Rejected: scoring the calibrated model in every trial; a grid of support vector machines then takes about six times as
 * long for an answer that rarely differs.
 */
export function trialOverrides({ trainer, params }: Candidate, metric: SelectionMetric | null): Params {
  const known = findTrainer(trainer)?.params ?? {};
  const spared = LABEL_METRICS.includes(metric) && 'probability' in known && !('probability' in params);
  return spared ? { probability: false } : {};
}

/** The same for people: one line per trainer that it concerns. */
export function overrideNotes(candidates: readonly Candidate[], metric: SelectionMetric | null): string[] {
  const spared = candidates.filter((one) => 'probability' in trialOverrides(one, metric));
  return [...new Set(spared.map(({ trainer }) => trainer))].map(
    (trainer) =>
      `Trials of ${trainer} ran with probability=false, since ${metric} reads labels only; a package of it is calibrated on all rows, which can move the most probable class of rows near the border.`,
  );
}
