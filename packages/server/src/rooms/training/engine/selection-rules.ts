import {
  accuracy,
  balancedAccuracy,
  brierScore,
  confusionMatrix,
  findTrainer,
  logLoss,
  meanAbsoluteError,
  mostProbable,
  precisionRecall,
  probabilityOf,
  rocAuc,
  rootMeanSquaredError,
  rSquared,
  type Task,
} from '@fairlead/num';
import type { SelectionMetric, TrainerName } from '../training-types.js';
import type { ProblemTarget } from './engine-types.js';

interface MetricRule {
  readonly task: Task;
  readonly higherIsBetter: boolean;
}

/** What trials can be compared by, and for which task. */
const SELECTION_METRICS: Readonly<Record<SelectionMetric, MetricRule>> = {
  brier: { task: 'classification', higherIsBetter: false },
  'log-loss': { task: 'classification', higherIsBetter: false },
  'roc-auc': { task: 'classification', higherIsBetter: true },
  accuracy: { task: 'classification', higherIsBetter: true },
  'balanced-accuracy': { task: 'classification', higherIsBetter: true },
  'f1-macro': { task: 'classification', higherIsBetter: true },
  rmse: { task: 'regression', higherIsBetter: false },
  mae: { task: 'regression', higherIsBetter: false },
  r2: { task: 'regression', higherIsBetter: true },
  inertia: { task: 'clustering', higherIsBetter: false },
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

/** Row-major answers of a model, `width` per row: probabilities, values or distances. */
export interface Answers {
  readonly values: Float64Array;
  readonly width: number;
}

/** The metric of a model's answers against the truth. NaN where it is not defined (roc-auc of one class). */
export function selectionScore(metric: SelectionMetric, truth: ProblemTarget, { values, width }: Answers): number {
  if (truth.kind === 'classes') return classScore(metric, truth.codes, { probabilities: values, classCount: width });
  if (truth.kind === 'numbers') return numberScore(metric, truth.values, values);
  return inertia(values, width);
}

/**
 * With more than two classes Brier is half the mean squared distance to the one-hot truth, which is the usual score when
 * there are two.
 */
function classScore(
  metric: SelectionMetric,
  truth: Int32Array,
  { probabilities, classCount }: { probabilities: Float64Array; classCount: number },
): number {
  if (metric === 'brier') {
    return classCount === 2
      ? brierScore(truth, probabilityOf(probabilities, 2, 1))
      : halfBrier(truth, probabilities, classCount);
  }
  if (metric === 'log-loss') return logLoss(truth, probabilities, classCount);
  if (metric === 'roc-auc') return rocAuc(truth, probabilityOf(probabilities, classCount, 1));
  const matrix = confusionMatrix(truth, mostProbable(probabilities, classCount), { classCount });
  if (metric === 'accuracy') return accuracy(matrix);
  if (metric === 'balanced-accuracy') return balancedAccuracy(matrix);
  return precisionRecall(matrix, { average: 'macro' }).fBeta;
}

function halfBrier(truth: Int32Array, probabilities: Float64Array, classCount: number): number {
  let sum = 0;
  for (let row = 0; row < truth.length; row += 1) {
    for (let k = 0; k < classCount; k += 1) {
      const p = probabilities[row * classCount + k] as number;
      sum += (p - (truth[row] === k ? 1 : 0)) ** 2;
    }
  }
  return sum / 2 / truth.length;
}

function numberScore(metric: SelectionMetric, truth: Float64Array, values: Float64Array): number {
  if (metric === 'rmse') return rootMeanSquaredError(truth, values);
  return metric === 'mae' ? meanAbsoluteError(truth, values) : rSquared(truth, values);
}

/** Mean squared distance to the nearest centre. */
function inertia(distances: Float64Array, clusterCount: number): number {
  let sum = 0;
  for (let at = 0; at < distances.length; at += clusterCount) {
    let nearest = Number.POSITIVE_INFINITY;
    for (let k = 0; k < clusterCount; k += 1) nearest = Math.min(nearest, distances[at + k] as number);
    sum += nearest * nearest;
  }
  return (sum * clusterCount) / distances.length;
}

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
