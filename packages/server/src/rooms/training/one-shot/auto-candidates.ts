import { findTrainer, type ParamValue, type Task, tasksOf } from '@fairlead/num';
import type { Candidate } from '../candidate-rules.js';

interface Proposal extends Candidate {
  /** More training rows than this take too long for a first look. */
  readonly maxRows?: number;
}

const of = (
  trainer: string,
  params: Readonly<Record<string, ParamValue>> = {},
  limits: { maxRows?: number } = {},
): Proposal => ({ trainer, params, ...limits });

/** What is worth a try on any table, the cheapest first; names that this version does not have are passed over. */
const PROPOSALS: Readonly<Record<Task, readonly Proposal[]>> = {
  classification: [
    of('logistic-regression'),
    of('gradient-boosting'),
    of('random-forest', { nEstimators: 100, minSamplesLeaf: 5 }),
    of('gradient-boosting', { learningRate: 0.03, maxIter: 300 }),
    of('extra-trees', { nEstimators: 100, minSamplesLeaf: 5 }),
    of('svc', {}, { maxRows: 5000 }),
  ],
  regression: [
    of('ridge'),
    of('gradient-boosting'),
    of('random-forest', { nEstimators: 100, minSamplesLeaf: 5 }),
    of('gradient-boosting', { learningRate: 0.03, maxIter: 300 }),
    of('extra-trees', { nEstimators: 100, minSamplesLeaf: 5 }),
  ],
  clustering: [of('k-means')],
  anomaly: [of('isolation-forest')],
};

/** The candidates of the auto mode for a task and so many rows. */
export function autoCandidates(task: Task, rowCount: number): Candidate[] {
  return PROPOSALS[task]
    .filter(({ trainer, params, maxRows = Number.POSITIVE_INFINITY }) => {
      const known = findTrainer(trainer);
      if (known === undefined || !tasksOf(known).includes(task) || rowCount > maxRows) return false;
      return Object.keys(params).every((name) => Object.hasOwn(known.params, name));
    })
    .map(({ trainer, params }) => ({ trainer, params }));
}
