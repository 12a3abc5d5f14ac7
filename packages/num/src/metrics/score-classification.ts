import { checkLength, checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import { calibrationCurve, calibrationError } from './calibration.js';
import {
  accuracy,
  balancedAccuracy,
  cohenKappa,
  matthewsCorrelation,
  precisionRecall,
} from './classification-metrics.js';
import { type ConfusionMatrix, confusionMatrix } from './confusion-matrix.js';
import {
  averagePrecisionMulticlass,
  type ClassScores,
  columnOfRows,
  rocAucMulticlass,
  topKAccuracy,
} from './multiclass-ranking.js';
import { binaryLogLossRows, brierRows, brierRowsMulticlass, logLossRows, mean } from './probability-metrics.js';
import { rankedAveragePrecision, rankedRocAuc, rankRows } from './ranking-metrics.js';

export interface ClassificationInput {
  /** Class codes 0..K−1. */
  readonly truth: Int32Array;
  readonly classCount: number;
  /** Codes given by the model; absent: the most probable class, the first of equals. */
  readonly predicted?: Int32Array | undefined;
  /** Row-major n × K. Absent: only the label metrics are given. */
  readonly probabilities?: Float64Array | undefined;
  readonly weights?: Float64Array | undefined;
  /** Code of the class that precision, recall, AUC and calibration of two classes are about. Default 1. */
  readonly positive?: number | undefined;
}

/** A metric by its name; NaN where it is not defined, for example the AUC of one class. */
export type Scores = Readonly<Record<string, number>>;

/**
 * Every metric of a classifier by name, with scikit-learn's conventions. Two classes: `precision`, `recall`, `f1` and
 * `rocAuc` are those of the positive class. More: the same names end in Macro, Micro and Weighted, and `rocAucOvr` and
 * `rocAucOvo` mean over classes and pairs.
 *
 * @throws NUM_SHAPE, NUM_RANGE, NUM_TOO_FEW, NUM_NOT_FINITE
 */
export function scoreClassification(input: ClassificationInput): Scores {
  const { truth, classCount, probabilities, weights } = input;
  const predicted = input.predicted ?? mostProbableCodes(probabilities, classCount);
  const matrix = confusionMatrix(truth, predicted, { classCount, ...(weights && { weights }) });
  const labels = scoreLabels(matrix, input.positive);
  if (probabilities === undefined) return labels;
  checkLength('probabilities', probabilities.length, truth.length * classCount);
  return { ...labels, ...(classCount === 2 ? scoreTwo(input) : scoreMany({ ...input, probabilities })) };
}

/** Metrics of labels alone, from the confusion matrix. */
export function scoreLabels(matrix: ConfusionMatrix, positive = 1): Scores {
  const shared = {
    accuracy: accuracy(matrix),
    balancedAccuracy: balancedAccuracy(matrix),
    mcc: matthewsCorrelation(matrix),
    kappa: cohenKappa(matrix),
  };
  const macro = precisionRecall(matrix, { average: 'macro' });
  const weighted = precisionRecall(matrix, { average: 'weighted' });
  const means = {
    precisionMacro: macro.precision,
    recallMacro: macro.recall,
    f1Macro: macro.fBeta,
    f1Weighted: weighted.fBeta,
  };
  if (matrix.classCount !== 2) {
    return {
      ...shared,
      ...means,
      precisionWeighted: weighted.precision,
      recallWeighted: weighted.recall,
      f1Micro: precisionRecall(matrix, { average: 'micro' }).fBeta,
    };
  }
  const { precision, recall, fBeta } = precisionRecall(matrix, { average: 'binary', positive });
  return { ...shared, precision, recall, f1: fBeta, ...means };
}

function scoreTwo({ truth, probabilities, weights, positive = 1 }: ClassificationInput): Scores {
  checkRange('positive', positive, { min: 0, max: 1, integer: true });
  const probability = columnOfRows(probabilities as Float64Array, 2, positive);
  const isPositive = positive === 1 ? truth : truth.map((code) => 1 - code);
  return scoreBinaryProbability(isPositive, probability, weights);
}

/** Metrics of P(class 1) against truth 0/1. */
export function scoreBinaryProbability(truth: Int32Array, probability: Float64Array, weights?: Float64Array): Scores {
  const ranked = rankRows(truth, probability, weights);
  const error = calibrationError(calibrationCurve(truth, probability, { weights }));
  return {
    rocAuc: rankedRocAuc(ranked),
    averagePrecision: rankedAveragePrecision(ranked),
    logLoss: mean(binaryLogLossRows(truth, probability), weights),
    brier: mean(brierRows(truth, probability), weights),
    ece: error.expected,
    maxCalibrationError: error.max,
  };
}

function scoreMany({ truth, probabilities, classCount, weights }: ClassScores): Scores {
  const scores = { truth, probabilities, classCount, weights };
  const top = Math.min(3, classCount - 1);
  return {
    ...(classCount > 2 && {
      rocAucOvr: rocAucMulticlass(scores, { multiClass: 'ovr', average: 'macro' }),
      rocAucOvrWeighted: rocAucMulticlass(scores, { multiClass: 'ovr', average: 'weighted' }),
      ...(weights === undefined && { rocAucOvo: rocAucMulticlass(scores, { multiClass: 'ovo', average: 'macro' }) }),
      averagePrecisionMacro: averagePrecisionMulticlass(scores, 'macro'),
      averagePrecisionMicro: averagePrecisionMulticlass(scores, 'micro'),
    }),
    logLoss: mean(logLossRows(truth, probabilities, classCount), weights),
    brier: mean(brierRowsMulticlass(truth, probabilities, classCount), weights),
    ece: confidenceError(scores),
    ...(top > 1 && { [`top${top}Accuracy`]: topKAccuracy(scores, top) }),
  };
}

/** Calibration of the confidence: P(most probable class) against whether it was right (Guo et al. 2017). */
function confidenceError({ truth, probabilities, classCount, weights }: ClassScores): number {
  const predicted = mostProbableCodes(probabilities, classCount);
  const confidence = Float64Array.from(predicted, (code, i) => probabilities[i * classCount + code]);
  const right = Int32Array.from(predicted, (code, i) => Number(code === truth[i]));
  return calibrationError(calibrationCurve(right, confidence, { weights })).expected;
}

/** Code of the greatest probability per row, the first of equals. */
function mostProbableCodes(probabilities: Float64Array | undefined, classCount: number): Int32Array {
  if (probabilities === undefined) throw numErrors.NUM_SHAPE('Give predicted codes or probabilities.');
  const out = new Int32Array(probabilities.length / classCount);
  for (let i = 0; i < out.length; i++) {
    const from = i * classCount;
    let best = 0;
    for (let k = 1; k < classCount; k++) if (probabilities[from + k] > probabilities[from + best]) best = k;
    out[i] = best;
  }
  return out;
}
