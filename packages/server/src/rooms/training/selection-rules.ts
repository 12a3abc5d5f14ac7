import {
  accuracy,
  brierScore,
  confusionMatrix,
  findTrainer,
  logLoss,
  mostProbable,
  probabilityOf,
  rocAuc,
} from '@fairlead/num';
import type { SelectionMetric, TrainerName } from './training-types.js';

const HIGHER_IS_BETTER: Readonly<Record<SelectionMetric, boolean>> = {
  brier: false,
  'log-loss': false,
  'roc-auc': true,
  accuracy: true,
};

/** Scores closer than this are a tie: rounding must not choose a model. */
const TIE = 1e-12;

/**
 * The metric of row-major probabilities (n × classCount) against class codes. NaN where it is not defined (roc-auc of one
 * class). With more than two classes Brier is half the mean squared distance to the one-hot truth, which is the usual
 * score when there are two.
 */
export function selectionScore(
  metric: SelectionMetric,
  truth: Int32Array,
  { probabilities, classCount }: { probabilities: Float64Array; classCount: number },
): number {
  switch (metric) {
    case 'brier':
      return classCount === 2
        ? brierScore(truth, probabilityOf(probabilities, 2, 1))
        : halfBrier(truth, probabilities, classCount);
    case 'log-loss':
      return logLoss(truth, probabilities, classCount);
    case 'roc-auc':
      return rocAuc(truth, probabilityOf(probabilities, classCount, 1));
    case 'accuracy':
      return accuracy(confusionMatrix(truth, mostProbable(probabilities, classCount), { classCount }));
  }
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

interface Ranked {
  readonly number: number;
  readonly trainer: TrainerName;
  readonly score: number;
}

/** Best first: by score, then the simpler trainer, then the earlier trial. */
export function rankTrials<T extends Ranked>(trials: readonly T[], metric: SelectionMetric): T[] {
  const sign = HIGHER_IS_BETTER[metric] ? -1 : 1;
  return [...trials].sort((a, b) => {
    const difference = sign * (a.score - b.score);
    if (Math.abs(difference) > TIE) return difference;
    return complexityOf(a.trainer) - complexityOf(b.trainer) || a.number - b.number;
  });
}

/** Of two equal scores the simpler model is taken. */
function complexityOf(trainer: TrainerName): number {
  return findTrainer(trainer)?.complexity ?? Number.POSITIVE_INFINITY;
}
