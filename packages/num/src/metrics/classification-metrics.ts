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
  /**
   * 'binary' judges class `positive`; 'macro' means over the classes seen; 'weighted' by their true counts; 'micro' sums
   * hits over all classes first, which for one label per row is the accuracy.
   */
  readonly average: 'binary' | 'macro' | 'weighted' | 'micro';
  /** Class code of the positive class for 'binary'. Default 1. */
  readonly positive?: number;
  /** Weight of recall against precision. Default 1. */
  readonly beta?: number;
  /** What 0/0 counts as: 0 (default), 1, or NaN, which leaves the class out of means. */
  readonly zeroDivision?: number;
}

export interface PrecisionRecall {
  readonly precision: number;
  readonly recall: number;
  readonly fBeta: number;
}

/** Scores of one class against all others. */
export interface ClassReport extends PrecisionRecall {
  /** Rows (or their weight) of which this class is the truth. */
  readonly support: number;
}

/** Precision, recall, F-beta and support of every class code. */
export function precisionRecallPerClass(
  matrix: ConfusionMatrix,
  options: { beta?: number; zeroDivision?: number } = {},
): ClassReport[] {
  const { beta = 1, zeroDivision = 0 } = options;
  const { hits, truth, predicted } = margins(matrix);
  return Array.from(hits, (hit, k) => {
    const below = beta * beta * truth[k] + predicted[k];
    return {
      precision: predicted[k] > 0 ? hit / predicted[k] : zeroDivision,
      recall: truth[k] > 0 ? hit / truth[k] : zeroDivision,
      fBeta: below > 0 ? ((1 + beta * beta) * hit) / below : zeroDivision,
      support: truth[k],
    };
  });
}

/**
 * Precision, recall and F-beta. 0/0 counts as 0 unless told otherwise, and classes neither true nor predicted anywhere
 * are left out of averages, as in scikit-learn.
 */
export function precisionRecall(matrix: ConfusionMatrix, options: PrecisionRecallOptions): PrecisionRecall {
  const { average, positive = 1 } = options;
  const { truth, predicted } = margins(matrix);
  const reports = precisionRecallPerClass(matrix, options);
  if (average === 'binary') {
    checkRange('positive', positive, { min: 0, max: matrix.classCount - 1, integer: true });
    const { precision, recall, fBeta } = reports[positive];
    return { precision, recall, fBeta };
  }
  if (average === 'micro') {
    const share = accuracy(matrix);
    return { precision: share, recall: share, fBeta: share };
  }
  const seen = reports.filter((_, k) => truth[k] + predicted[k] > 0);
  const mean = (pick: keyof PrecisionRecall): number => {
    const known = seen.filter((report) => !Number.isNaN(report[pick]));
    const weight = (report: ClassReport) => (average === 'macro' ? 1 : report.support);
    const total = known.reduce((sum, report) => sum + weight(report), 0);
    if (total === 0) return options.zeroDivision ?? 0;
    return known.reduce((sum, report) => sum + weight(report) * report[pick], 0) / total;
  };
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

/**
 * Cohen's kappa: agreement beyond chance, −1..1. `weights` says how grave a confusion of class i with j is: every one alike
 * (undefined), |i − j| or (i − j)². NaN when truth and prediction are the same single class, as in scikit-learn.
 */
export function cohenKappa(matrix: ConfusionMatrix, weights?: 'linear' | 'quadratic'): number {
  const { truth, predicted, total } = margins(matrix);
  const { classCount, counts } = matrix;
  let observed = 0;
  let expected = 0;
  for (let t = 0; t < classCount; t++) {
    for (let p = 0; p < classCount; p++) {
      const far = Math.abs(t - p);
      const gravity = weights === undefined ? Number(t !== p) : weights === 'linear' ? far : far * far;
      observed += gravity * counts[t * classCount + p];
      expected += (gravity * truth[t] * predicted[p]) / total;
    }
  }
  return expected === 0 ? Number.NaN : 1 - observed / expected;
}
