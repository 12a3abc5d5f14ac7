import {
  accuracy,
  averagePrecision,
  balancedAccuracy,
  brierScore,
  type ConfusionMatrix,
  confusionMatrix,
  expectedCalibrationError,
  logLoss,
  matthewsCorrelation,
  precisionRecall,
  rocAuc,
} from '@fairlead/num';
import type { BinaryScores } from './evaluation-types.js';

/** A forecast of two classes: P(second label) and the label given, per row. */
export interface Forecast {
  readonly probability: Float64Array;
  readonly predicted: Int32Array;
}

/** The label of a bare probability; an even chance goes to the first label, as in the packaged models. */
export function forecastOf(probability: Float64Array): Forecast {
  return { probability, predicted: Int32Array.from(probability, (p) => Number(p > 0.5)) };
}

/** Row-major n × 2 from P(class 1). */
export function bothClasses(probability: Float64Array): Float64Array {
  const out = new Float64Array(probability.length * 2);
  for (let row = 0; row < probability.length; row += 1) {
    out[2 * row] = 1 - (probability[row] as number);
    out[2 * row + 1] = probability[row] as number;
  }
  return out;
}

export function confusionOf(truth: Int32Array, { predicted }: Forecast): ConfusionMatrix {
  return confusionMatrix(truth, predicted, { classCount: 2 });
}

/** All scores by the conventions of scikit-learn: 0/0 precision is 0, the AUC of one class is NaN, log loss is clipped. */
export function scoreBinary(truth: Int32Array, forecast: Forecast): BinaryScores {
  const { probability } = forecast;
  const matrix = confusionOf(truth, forecast);
  const { precision, recall, fBeta } = precisionRecall(matrix, { average: 'binary' });
  return {
    accuracy: accuracy(matrix),
    balancedAccuracy: balancedAccuracy(matrix),
    precision,
    recall,
    f1: fBeta,
    mcc: matthewsCorrelation(matrix),
    rocAuc: rocAuc(truth, probability),
    averagePrecision: averagePrecision(truth, probability),
    logLoss: logLoss(truth, bothClasses(probability), 2),
    brier: brierScore(truth, probability),
    ece: expectedCalibrationError(truth, probability),
  };
}
