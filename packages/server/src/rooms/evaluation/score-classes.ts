import {
  accuracy,
  averagePrecision,
  averagePrecisionPerClass,
  balancedAccuracy,
  brierRows,
  brierRowsMulticlass,
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
  rocAucMulticlass,
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
  return brierRowsMulticlass(codes, probabilities, classCount).map((squares) => squares / 2);
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
    rocAuc: rocAucOf(truth, probabilities),
    averagePrecision: averagePrecisionOf(truth, probabilities),
    logLoss: logLoss(codes, probabilities, classCount),
    brier: mean(brierLosses(truth, forecast)),
    ece: expectedCalibrationError(came, probability),
  };
}

/** Area under the ROC curve of the second of two classes; of more, the mean over each against the rest. */
function rocAucOf({ codes: truth, classCount }: Truth, probabilities: Float64Array): number {
  if (classCount === 2) return rocAuc(truth, probabilityOf(probabilities, 2, 1));
  return rocAucMulticlass({ truth, probabilities, classCount }, { multiClass: 'ovr', average: 'macro' });
}

/** As {@link rocAucOf}; a class that the rows lack has no precision and is left out of the mean. */
function averagePrecisionOf({ codes: truth, classCount }: Truth, probabilities: Float64Array): number {
  if (classCount === 2) return averagePrecision(truth, probabilityOf(probabilities, 2, 1));
  const present = averagePrecisionPerClass({ truth, probabilities, classCount }).filter((_, k) => truth.includes(k));
  return mean(present);
}
