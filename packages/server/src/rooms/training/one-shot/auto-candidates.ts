import { selectRows, type Table } from '@fairlead/frame';
import {
  type FeatureNeeds,
  findTrainer,
  inferPreprocessSpec,
  type ParamValue,
  type Task,
  type TrainerDefinition,
  tasksOf,
} from '@fairlead/num';
import type { Candidate } from '../candidate-rules.js';

interface Proposal extends Candidate {
  /** More training rows than this take too long for a first look. */
  readonly maxRows?: number;
}

const of = (
  trainer: string,
  params: Readonly<Record<string, ParamValue>> = {},
  limits: { maxRows?: number; needs?: Partial<FeatureNeeds> } = {},
): Proposal => ({ trainer, params, ...limits });

/** Other features for the two quickest trainers, where the table has columns that they would change. */
const variants = (linear: string): readonly Proposal[] => [
  of('gradient-boosting', {}, { needs: { manyCategories: 'target' } }),
  of(linear, {}, { needs: { manyCategories: 'one-hot' } }),
  of(linear, {}, { needs: { times: 'plain' } }),
  of('gradient-boosting', {}, { needs: { times: 'cyclical' } }),
];

/** What is worth a try on any table, the cheapest first; names that this version does not have are passed over. */
const PROPOSALS: Readonly<Record<Task, readonly Proposal[]>> = {
  classification: [
    of('logistic-regression'),
    of('gradient-boosting'),
    of('random-forest', { nEstimators: 100, minSamplesLeaf: 5 }),
    of('gradient-boosting', { learningRate: 0.03, maxIter: 300 }),
    of('extra-trees', { nEstimators: 100, minSamplesLeaf: 5 }),
    of('svc', {}, { maxRows: 5000 }),
    ...variants('logistic-regression'),
  ],
  regression: [
    of('ridge'),
    of('gradient-boosting'),
    of('random-forest', { nEstimators: 100, minSamplesLeaf: 5 }),
    of('gradient-boosting', { learningRate: 0.03, maxIter: 300 }),
    of('extra-trees', { nEstimators: 100, minSamplesLeaf: 5 }),
    ...variants('ridge'),
  ],
  clustering: [of('k-means')],
  anomaly: [of('isolation-forest')],
};

export interface AutoInput {
  readonly task: Task;
  /** The rows that candidates are compared on. */
  readonly rows: Int32Array;
  readonly table: Table;
  readonly features: readonly string[];
  /** True when the user has said what becomes of the columns: then no candidate differs in its features. */
  readonly prepared: boolean;
  /** The quantile that answers are judged by; absent: they are judged otherwise. */
  readonly quantile?: number | undefined;
  readonly rowCount: number;
}

/**
 * The candidates of the auto mode. Those that differ in their features come last: where the time does not suffice, it went
 * into different trainers.
 */
export function autoCandidates({ task, rows, rowCount, table, features, prepared, quantile }: AutoInput): Candidate[] {
  const seen = prepared ? null : selectRows(table, rows);
  return PROPOSALS[task]
    .filter(({ trainer, params, needs, maxRows = Number.POSITIVE_INFINITY }) => {
      const known = findTrainer(trainer);
      if (known === undefined || !tasksOf(known).includes(task) || rowCount > maxRows) return false;
      if (!Object.keys(params).every((name) => Object.hasOwn(known.params, name))) return false;
      return needs === undefined || (seen !== null && changesFeatures(seen, features, { trainer: known, needs }));
    })
    .map(({ trainer, params, needs }) => ({
      trainer,
      params:
        quantile !== undefined && trainer === 'gradient-boosting' ? { ...params, loss: 'quantile', quantile } : params,
      ...(needs && { needs }),
    }));
}

function changesFeatures(
  table: Table,
  features: readonly string[],
  { trainer, needs }: { trainer: TrainerDefinition; needs: Partial<FeatureNeeds> },
): boolean {
  const usual = inferPreprocessSpec(table, features, trainer.needs).spec;
  const other = inferPreprocessSpec(table, features, { ...trainer.needs, ...needs }).spec;
  return JSON.stringify(usual) !== JSON.stringify(other);
}

/** What a candidate's features have that its trainer usually does not get; empty when nothing. */
export function featureWords({ needs = {} }: Candidate): string {
  const words: string[] = [];
  if (needs.manyCategories === 'target') words.push('mean of the target per category');
  if (needs.manyCategories === 'one-hot') words.push('one feature per frequent category');
  if (needs.times === 'plain') words.push('time parts as numbers');
  if (needs.times === 'cyclical') words.push('time parts as sine and cosine');
  return words.join(', ');
}
