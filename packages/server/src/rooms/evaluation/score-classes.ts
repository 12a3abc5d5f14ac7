import {
  accuracy,
  averagePrecision,
  balancedAccuracy,
  brierRows,
  type ConfusionMatrix,
  calibrationCurve,
  confusionMatrix,
  expectedCalibrationError,
  logLoss,
  matthewsCorrelation,
  mean,
  mostProbable,
  precisionRecall,
  probabilityOf,
  rocAuc,
} from '@fairlead/num';
import type { ClassScores } from './evaluation-types.js';

/** What is said of each row: a probability per class, row-major, and the class given. */
export interface Forecast {
  readonly probabilities: Float64Array;
  readonly predicted: Int32Array;
}

/** The truth of some rows as class codes 0..classCount − 1. */
export interface Truth {
  readonly codes: Int32Array;
  readonly classCount: number;
}

/** The class of bare probabilities: the most probable one; a tie goes to the lower code, as in the packaged models. */
export function forecastOf(probabilities: Float64Array, classCount: number): Forecast {
  return { probabilities, predicted: mostProbable(probabilities, classCount) };
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

export function confusionOf({ codes, classCount }: Truth, { predicted }: Forecast): ConfusionMatrix {
  return confusionMatrix(codes, predicted, { classCount });
}

/**
 * The Brier score of each row, 0..1: half the squared distance between the probabilities and the truth, which for two
 * classes is the squared error of the second one.
 */
export function brierLosses({ codes, classCount }: Truth, { probabilities }: Forecast): Float64Array {
  if (classCount === 2) return brierRows(codes, probabilityOf(probabilities, 2, 1));
  return Float64Array.from(codes, (code, row) => {
    let sum = 0;
    for (let k = 0; k < classCount; k += 1) {
      sum += ((probabilities[row * classCount + k] as number) - Number(k === code)) ** 2;
    }
    return sum / 2;
  });
}

/**
 * Truth 0 or 1 and P(1) of what calibration is about: the second of two classes; of more, whether the class given is right
 * and how sure the forecast was of it (top-label calibration, Guo et al. 2017).
 */
function calibrated({ codes, classCount }: Truth, { probabilities, predicted }: Forecast) {
  if (classCount === 2) return { came: codes, probability: probabilityOf(probabilities, 2, 1) };
  const probability = Float64Array.from(predicted, (code, row) => probabilities[row * classCount + code] as number);
  return { came: codes.map((code, row) => Number(code === predicted[row])), probability };
}

export function calibrationOf(truth: Truth, forecast: Forecast) {
  const { came, probability } = calibrated(truth, forecast);
  return calibrationCurve(came, probability).map(({ meanPredicted, shareObserved, count }) => ({
    predicted: meanPredicted,
    observed: shareObserved,
    rows: count,
  }));
}

/**
 * All scores by the conventions of scikit-learn: 0/0 precision is 0, the AUC of one class is NaN, log loss is clipped. Of more
 * than two classes, precision, recall, F1, AUC (one against the rest) and average precision are unweighted means.
 */
export function scoreClasses(truth: Truth, forecast: Forecast): ClassScores {
  const { codes, classCount } = truth;
  const { probabilities } = forecast;
  const matrix = confusionOf(truth, forecast);
  const { precision, recall, fBeta } = precisionRecall(matrix, { average: classCount === 2 ? 'binary' : 'macro' });
  const { came, probability } = calibrated(truth, forecast);
  return {
    accuracy: accuracy(matrix),
    balancedAccuracy: balancedAccuracy(matrix),
    precision,
    recall,
    f1: fBeta,
    mcc: matthewsCorrelation(matrix),
    rocAuc: overClasses(truth, probabilities, rocAuc),
    averagePrecision: overClasses(truth, probabilities, averagePrecision),
    logLoss: logLoss(codes, probabilities, classCount),
    brier: mean(brierLosses(truth, forecast)),
    ece: expectedCalibrationError(came, probability),
  };
}

/**
 * The score of the second of two classes; of more, the mean over each class against the rest. A class that the rows lack has
 * no score and is left out of the mean.
 */
function overClasses(
  { codes, classCount }: Truth,
  probabilities: Float64Array,
  score: (yTrue: Int32Array, scores: Float64Array) => number,
): number {
  if (classCount === 2) return score(codes, probabilityOf(probabilities, 2, 1));
  let sum = 0;
  let present = 0;
  for (let k = 0; k < classCount; k += 1) {
    const one = codes.map((code) => Number(code === k));
    if (!one.includes(1)) continue;
    sum += score(one, probabilityOf(probabilities, classCount, k));
    present += 1;
  }
  return sum / present;
}
