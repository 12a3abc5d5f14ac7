import {
  accuracy,
  balancedAccuracy,
  brierRowsMulticlass,
  brierScore,
  clusteringShape,
  confusionMatrix,
  createRng,
  type FeatureMatrix,
  logLoss,
  mean,
  meanAbsoluteError,
  meanPoissonDeviance,
  mostProbable,
  pinballLoss,
  precisionRecall,
  probabilityOf,
  rocAuc,
  rocAucMulticlass,
  rootMeanSquaredError,
  rSquared,
} from '@fairlead/num';
import type { SelectionMetric } from '../training-types.js';
import type { ProblemTarget } from './engine-types.js';

/** Row-major answers of a model, `width` per row: probabilities, values or distances. */
export interface Answers {
  readonly values: Float64Array;
  readonly width: number;
}

export interface JudgedRows {
  readonly truth: ProblemTarget;
  /** What the model read: how close clusters lie is seen there. */
  readonly x: FeatureMatrix;
  /** The quantile of the metric `pinball`. */
  readonly alpha?: number | undefined;
}

/** Rows whose silhouette is computed at most, each against all others. */
const SILHOUETTE_ROWS = 5000;

/** The metric of a model's answers against the truth. NaN where it is not defined (roc-auc of one class). */
export function selectionScore(metric: SelectionMetric, { truth, x, alpha }: JudgedRows, answers: Answers): number {
  const { values, width } = answers;
  if (truth.kind === 'classes') return classScore(metric, truth.codes, { probabilities: values, classCount: width });
  if (truth.kind === 'numbers') return numberScore(metric, truth.values, { values, alpha });
  return metric === 'silhouette' ? silhouette(x, answers) : inertia(answers);
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
  switch (metric) {
    case 'brier':
      return classCount === 2
        ? brierScore(truth, probabilityOf(probabilities, 2, 1))
        : mean(brierRowsMulticlass(truth, probabilities, classCount)) / 2;
    case 'log-loss':
      return logLoss(truth, probabilities, classCount);
    case 'roc-auc':
      return rocAuc(truth, probabilityOf(probabilities, classCount, 1));
    case 'roc-auc-ovr':
    case 'roc-auc-ovo':
      if (classCount === 2) return rocAuc(truth, probabilityOf(probabilities, 2, 1));
      return rocAucMulticlass(
        { truth, probabilities, classCount },
        { multiClass: metric === 'roc-auc-ovr' ? 'ovr' : 'ovo', average: 'macro' },
      );
    default:
      return labelScore(metric, truth, { predicted: mostProbable(probabilities, classCount), classCount });
  }
}

function labelScore(
  metric: SelectionMetric,
  truth: Int32Array,
  { predicted, classCount }: { predicted: Int32Array; classCount: number },
): number {
  const matrix = confusionMatrix(truth, predicted, { classCount });
  if (metric === 'accuracy') return accuracy(matrix);
  if (metric === 'balanced-accuracy') return balancedAccuracy(matrix);
  return precisionRecall(matrix, { average: 'macro' }).fBeta;
}

function numberScore(
  metric: SelectionMetric,
  truth: Float64Array,
  { values, alpha = 0.5 }: { values: Float64Array; alpha?: number | undefined },
): number {
  if (metric === 'pinball') return pinballLoss({ truth, predicted: values }, alpha);
  if (metric === 'poisson-deviance') return meanPoissonDeviance(truth, values);
  if (metric === 'rmse') return rootMeanSquaredError(truth, values);
  return metric === 'mae' ? meanAbsoluteError(truth, values) : rSquared(truth, values);
}

/** The nearest centre of each row and the distance to it. */
function nearest({ values, width }: Answers): { clusters: Int32Array; distances: Float64Array } {
  const clusters = new Int32Array(values.length / width);
  const distances = new Float64Array(clusters.length).fill(Number.POSITIVE_INFINITY);
  for (let row = 0; row < clusters.length; row += 1) {
    for (let k = 0; k < width; k += 1) {
      const distance = values[row * width + k] as number;
      if (distance >= (distances[row] as number)) continue;
      distances[row] = distance;
      clusters[row] = k;
    }
  }
  return { clusters, distances };
}

/** Mean squared distance to the nearest centre. */
function inertia(answers: Answers): number {
  return mean(nearest(answers).distances.map((distance) => distance * distance));
}

/** Of more rows than the limit a sample is judged, the same one for every candidate. */
function silhouette(x: FeatureMatrix, answers: Answers): number {
  const rng = createRng(0).fork('silhouette');
  return clusteringShape(x, nearest(answers).clusters, { rng, maxSilhouetteRows: SILHOUETTE_ROWS }).silhouette;
}
