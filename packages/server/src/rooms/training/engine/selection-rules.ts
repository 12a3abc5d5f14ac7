import { findTrainer, nonDominationRanks, type Task } from '@fairlead/num';
import type { SelectionMetric, TrainerName } from '../training-types.js';

interface MetricRule {
  readonly task: Task;
  readonly higherIsBetter: boolean;
}

/** What trials can be compared by, and for which task. */
const SELECTION_METRICS: Readonly<Record<SelectionMetric, MetricRule>> = {
  brier: { task: 'classification', higherIsBetter: false },
  'log-loss': { task: 'classification', higherIsBetter: false },
  'roc-auc': { task: 'classification', higherIsBetter: true },
  'roc-auc-ovr': { task: 'classification', higherIsBetter: true },
  'roc-auc-ovo': { task: 'classification', higherIsBetter: true },
  accuracy: { task: 'classification', higherIsBetter: true },
  'balanced-accuracy': { task: 'classification', higherIsBetter: true },
  'f1-macro': { task: 'classification', higherIsBetter: true },
  rmse: { task: 'regression', higherIsBetter: false },
  mae: { task: 'regression', higherIsBetter: false },
  r2: { task: 'regression', higherIsBetter: true },
  pinball: { task: 'regression', higherIsBetter: false },
  'poisson-deviance': { task: 'regression', higherIsBetter: false },
  inertia: { task: 'clustering', higherIsBetter: false },
  silhouette: { task: 'clustering', higherIsBetter: true },
};

/** The metrics of a task, the usual one first; none for anomalies, which nothing judges without labels. */
export function metricsOf(task: Task): SelectionMetric[] {
  const names = Object.keys(SELECTION_METRICS) as SelectionMetric[];
  return names.filter((name) => SELECTION_METRICS[name].task === task);
}

export function higherIsBetter(metric: SelectionMetric): boolean {
  return SELECTION_METRICS[metric].higherIsBetter;
}

/** Scores closer than this are a tie: rounding must not choose a model. */
const TIE = 1e-12;

interface Ranked {
  readonly number: number;
  readonly trainer: TrainerName;
  /** NaN for a trial without a score. */
  readonly score: number;
}

/** Best first: by score, then the simpler trainer, then the earlier trial; trials without a score come last. */
export function rankTrials<T extends Ranked>(trials: readonly T[], metric: SelectionMetric): T[] {
  const sign = SELECTION_METRICS[metric].higherIsBetter ? -1 : 1;
  return [...trials].sort((a, b) => {
    if (Number.isNaN(a.score) !== Number.isNaN(b.score)) return Number.isNaN(a.score) ? 1 : -1;
    const difference = sign * (a.score - b.score);
    if (Math.abs(difference) > TIE) return difference;
    return complexityOf(a.trainer) - complexityOf(b.trainer) || a.number - b.number;
  });
}

/** Of two equal scores the simpler model is taken. */
function complexityOf(trainer: TrainerName): number {
  return findTrainer(trainer)?.complexity ?? Number.POSITIVE_INFINITY;
}

/** Trials that no other beats in every objective; only completed ones count. Empty without several objectives. */
export function paretoFront<
  T extends { readonly objectives?: Readonly<Record<string, number>> | undefined; readonly number: number },
>(trials: readonly T[], objectives: readonly SelectionMetric[]): ReadonlySet<number> {
  if (objectives.length < 2) return new Set();
  const complete = trials.filter(({ objectives: means }) => means !== undefined);
  const losses = complete.map(({ objectives: means }) =>
    objectives.map((metric) => (higherIsBetter(metric) ? -1 : 1) * (means?.[metric] as number)),
  );
  const ranks = nonDominationRanks(losses, 1);
  return new Set(complete.filter((_, i) => ranks[i] === 0).map(({ number }) => number));
}
