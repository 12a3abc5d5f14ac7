import { checkRange } from '../checks.js';
import { type ConfusionMatrix, margins } from './confusion-matrix.js';

/** Share of rows predicted right, 0..1. */
export function accuracy(matrix: ConfusionMatrix): number {
  const { hits, total } = margins(matrix);
  return hits.reduce((sum, hit) => sum + hit, 0) / total;
}

/** Mean recall over the classes that occur in the truth. */
export function balancedAccuracy(matrix: ConfusionMatrix): number {
  const { hits, truth } = margins(matrix);
  let sum = 0;
  let present = 0;
  for (let k = 0; k < matrix.classCount; k++) {
    if (truth[k] === 0) continue;
    sum += hits[k] / truth[k];
    present++;
  }
  return sum / present;
}

export interface PrecisionRecallOptions {
  /** 'binary' judges class `positive`; 'macro' means over the classes seen; 'weighted' by their true counts. */
  readonly average: 'binary' | 'macro' | 'weighted';
  /** Class code of the positive class for 'binary'. Default 1. */
  readonly positive?: number;
  /** Weight of recall against precision. Default 1. */
  readonly beta?: number;
}

export interface PrecisionRecall {
  readonly precision: number;
  readonly recall: number;
  readonly fBeta: number;
}

/**
 * Precision, recall and F-beta. 0/0 counts as 0, and classes neither true nor predicted anywhere are left out of
 * averages, as in scikit-learn.
 */
export function precisionRecall(matrix: ConfusionMatrix, options: PrecisionRecallOptions): PrecisionRecall {
  const { average, positive = 1, beta = 1 } = options;
  const { hits, truth, predicted, total } = margins(matrix);
  const of = (k: number): PrecisionRecall => {
    const precision = predicted[k] > 0 ? hits[k] / predicted[k] : 0;
    const recall = truth[k] > 0 ? hits[k] / truth[k] : 0;
    const below = beta * beta * truth[k] + predicted[k];
    return { precision, recall, fBeta: below > 0 ? ((1 + beta * beta) * hits[k]) / below : 0 };
  };
  if (average === 'binary') {
    checkRange('positive', positive, { min: 0, max: matrix.classCount - 1, integer: true });
    return of(positive);
  }
  const classes = Array.from({ length: matrix.classCount }, (_, k) => k).filter((k) => truth[k] + predicted[k] > 0);
  const weight = (k: number) => (average === 'macro' ? 1 / classes.length : truth[k] / total);
  const mean = (pick: keyof PrecisionRecall) => classes.reduce((sum, k) => sum + weight(k) * of(k)[pick], 0);
  return { precision: mean('precision'), recall: mean('recall'), fBeta: mean('fBeta') };
}

/** Matthews correlation (Gorodkin's R_K for more than two classes), −1..1; 0 when truth or prediction is constant. */
export function matthewsCorrelation(matrix: ConfusionMatrix): number {
  const { hits, truth, predicted, total } = margins(matrix);
  let correct = 0;
  let cross = 0;
  let truthSquares = 0;
  let predictedSquares = 0;
  for (let k = 0; k < matrix.classCount; k++) {
    correct += hits[k];
    cross += truth[k] * predicted[k];
    truthSquares += truth[k] * truth[k];
    predictedSquares += predicted[k] * predicted[k];
  }
  const below = (total * total - predictedSquares) * (total * total - truthSquares);
  return below > 0 ? (correct * total - cross) / Math.sqrt(below) : 0;
}
