import {
  type BootstrapInterval,
  binaryLogLossRows,
  bootstrapConfusion,
  bootstrapManyMeans,
  bootstrapRanks,
  brierRowsMulticlass,
  calibrationCurve,
  confusionMatrix,
  delongInterval,
  fitPersistenceBaseline,
  logitInterval,
  logLossRows,
  precisionRecallCurve,
  precisionRecallPerClass,
  rankRows,
  rocCurve,
  scoreClassification,
  scoreLabels,
} from '@fairlead/num';
import { type ClassRows, interleave, misses } from './class-rows.js';
import { compareClasses } from './compare-models.js';
import { bootstrapMethod, bootstrapOptions, combine, judgeBaseline, weighted } from './prediction-intervals.js';
import type { BaselineVerdict, ClassResult, TaskResult } from './predictions-types.js';

/** Above this, resampling ranks takes longer than anybody waits; closed forms take its place. */
const MAX_RANKED_ROWS = 200_000;

type Found = Map<string, { interval: BootstrapInterval | ReturnType<typeof delongInterval>; method: string }>;

/** Everything about predicted labels and their probabilities. With two labels the second is the positive one. */
export function evaluateClasses(rows: ClassRows): TaskResult {
  const { labels, truth, predicted, probabilities, weights } = rows;
  const classCount = labels.length;
  const matrix = confusionMatrix(truth, predicted, { classCount, ...(weights && { weights }) });
  const scores = scoreClassification({ truth, predicted, probabilities, classCount, weights });
  const intervals: Found = truth.length < 2 ? new Map() : intervalsOf(rows);
  const positive = classCount === 2 && probabilities ? probabilities.filter((_, at) => at % 2 === 1) : undefined;
  return {
    metrics: combine(scores, intervals),
    baselines: baselinesOf(rows),
    labels,
    confusion: labels.map((_, t) => [...matrix.counts.subarray(t * classCount, (t + 1) * classCount)]),
    perClass: perClass(rows, matrix),
    ...(positive && { curves: curvesOf(truth, positive, weights) }),
    ...(rows.compare && { comparison: compareClasses(rows, rows.compare) }),
    losses: probabilities ? brierOf(truth, probabilities, classCount) : misses(truth, predicted),
    lossName: probabilities ? 'Brier score' : 'error rate',
    scoreRows: (at) => scoreSome(rows, at),
    notes: notesOf(rows),
  };
}

function perClass(
  { labels, predicted, weights }: ClassRows,
  matrix: ReturnType<typeof confusionMatrix>,
): ClassResult[] {
  const given = new Float64Array(labels.length);
  predicted.forEach((code, i) => {
    given[code] = (given[code] as number) + (weights?.[i] ?? 1);
  });
  return precisionRecallPerClass(matrix).map(({ precision, recall, fBeta, support }, k) => ({
    label: labels[k] as string,
    precision,
    recall,
    f1: fBeta,
    support,
    predicted: given[k] as number,
  }));
}

function intervalsOf(rows: ClassRows): Found {
  const { truth, predicted, labels, weights, drawing, probabilities } = rows;
  const found: Found = new Map();
  let names: string[] = [];
  const labelIntervals = bootstrapConfusion(
    { truth, predicted, classCount: labels.length, weights },
    (matrix) => {
      const scores = scoreLabels(matrix);
      if (names.length === 0) names = Object.keys(scores);
      return Object.values(scores);
    },
    bootstrapOptions(drawing, 'labels'),
  );
  names.forEach((name, s) => {
    const interval = labelIntervals[s] as BootstrapInterval;
    found.set(name, { interval, method: bootstrapMethod(interval) });
  });
  if (probabilities === undefined) return found;
  const losses = [lossOf(truth, probabilities, labels.length), brierOf(truth, probabilities, labels.length)];
  const weight = weights ?? new Float64Array(truth.length).fill(1);
  const means = bootstrapManyMeans(
    [...losses.map((loss) => weighted(loss, weights)), weight],
    ([log, brier, all]) => [(log as number) / (all as number), (brier as number) / (all as number)],
    bootstrapOptions(drawing, 'losses'),
  );
  ['logLoss', 'brier'].forEach((name, s) => {
    const interval = means[s] as BootstrapInterval;
    found.set(name, { interval, method: bootstrapMethod(interval) });
  });
  if (labels.length === 2 && weights === undefined) addRankIntervals(rows, found);
  return found;
}

function addRankIntervals({ truth, probabilities, drawing }: ClassRows, found: Found): void {
  const score = (probabilities as Float64Array).filter((_, at) => at % 2 === 1);
  const positives = truth.reduce((sum, code) => sum + code, 0);
  const small = truth.length <= MAX_RANKED_ROWS;
  const ranks = small
    ? bootstrapRanks(truth, score, { ...bootstrapOptions(drawing, 'ranks'), resamples: 500 })
    : undefined;
  if (ranks !== undefined && drawing.blockLength === 'auto') {
    found.set('rocAuc', { interval: ranks.rocAuc, method: bootstrapMethod(ranks.rocAuc) });
  } else {
    found.set('rocAuc', { interval: delongInterval(truth, score), method: 'DeLong' });
  }
  if (ranks === undefined) {
    const estimate = scoreOfRanks(truth, score);
    found.set('averagePrecision', { interval: logitInterval(estimate, positives), method: 'logit' });
  } else {
    found.set('averagePrecision', {
      interval: ranks.averagePrecision,
      method: bootstrapMethod(ranks.averagePrecision),
    });
  }
}

const scoreOfRanks = (truth: Int32Array, score: Float64Array) =>
  scoreClassification({ truth, classCount: 2, probabilities: interleave(score) }).averagePrecision as number;

/** Half-scaled for two classes, as the Brier score of a binary forecast is. */
function brierOf(truth: Int32Array, probabilities: Float64Array, classCount: number): Float64Array {
  const rows = brierRowsMulticlass(truth, probabilities, classCount);
  return classCount === 2 ? rows.map((value) => value / 2) : rows;
}

function lossOf(truth: Int32Array, probabilities: Float64Array, classCount: number): Float64Array {
  if (classCount !== 2) return logLossRows(truth, probabilities, classCount);
  return binaryLogLossRows(
    truth,
    probabilities.filter((_, at) => at % 2 === 1),
  );
}

/** Forecasts without skill on these rows: their class shares, what followed a row like the last one, a column of the file. */
function baselinesOf(rows: ClassRows): BaselineVerdict[] {
  const { truth, predicted, labels, probabilities, weights, drawing, baseline } = rows;
  const classCount = labels.length;
  const n = truth.length;
  const forecasts: { name: string; probabilities: Float64Array }[] = [];
  const shares = new Float64Array(classCount);
  truth.forEach((code, i) => {
    shares[code] = (shares[code] as number) + (weights?.[i] ?? 1);
  });
  const total = shares.reduce((sum, share) => sum + share, 0);
  const prior = new Float64Array(n * classCount);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < classCount; k++) prior[i * classCount + k] = (shares[k] as number) / total;
  forecasts.push({ name: 'majority', probabilities: prior });
  if (drawing.blockLength === 'auto' && n > 2) {
    const before = Int32Array.from(truth, (_, i) => truth[Math.max(0, i - 1)] as number);
    const persistence = fitPersistenceBaseline(before, truth, { stateCount: classCount, classCount });
    forecasts.push({ name: 'persistence', probabilities: persistence.predictProbabilities(before) });
  }
  const model = probabilities ? brierOf(truth, probabilities, classCount) : misses(truth, predicted);
  const loss = probabilities ? 'Brier score' : 'error rate';
  const judged = forecasts.map(({ name, probabilities: forecast }) => {
    const other = probabilities ? brierOf(truth, forecast, classCount) : misses(truth, scoreTop(forecast, classCount));
    return judgeBaseline({ baseline: name, loss, model, other }, { drawing, weights });
  });
  if (baseline === undefined) return judged;
  const certain = baseline.probability === undefined || probabilities === undefined;
  const pair = certain
    ? { loss: 'error rate', model: misses(truth, predicted), other: misses(truth, baseline.codes) }
    : { loss, model, other: brierOf(truth, interleave(baseline.probability as Float64Array), classCount) };
  return [...judged, judgeBaseline({ baseline: baseline.name, ...pair }, { drawing, weights })];
}

function scoreTop(probabilities: Float64Array, classCount: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classCount }, (_, i) => {
    const row = probabilities.subarray(i * classCount, (i + 1) * classCount);
    return row.indexOf(row.reduce((most, value) => Math.max(most, value), 0));
  });
}

function curvesOf(truth: Int32Array, probability: Float64Array, weights: Float64Array | undefined) {
  const ranked = rankRows(truth, probability, weights);
  const { falsePositiveRate, truePositiveRate } = rocCurve(ranked, probability, { maxPoints: 101 });
  const { precision, recall } = precisionRecallCurve(ranked, probability, { maxPoints: 101 });
  const finite = (values: Float64Array) => [...values].map((value) => (Number.isFinite(value) ? value : null));
  return {
    roc: { falsePositiveRate: finite(falsePositiveRate), truePositiveRate: finite(truePositiveRate) },
    precisionRecall: { precision: finite(precision), recall: finite(recall) },
    calibration: calibrationCurve(truth, probability, { weights }),
  };
}

function scoreSome({ truth, predicted, labels, probabilities, weights }: ClassRows, at: Int32Array) {
  const classCount = labels.length;
  const some = probabilities && new Float64Array(at.length * classCount);
  at.forEach((row, i) => {
    some?.set((probabilities as Float64Array).subarray(row * classCount, (row + 1) * classCount), i * classCount);
  });
  const { accuracy, f1, f1Macro, rocAuc, brier } = scoreClassification({
    truth: Int32Array.from(at, (row) => truth[row] as number),
    predicted: Int32Array.from(at, (row) => predicted[row] as number),
    probabilities: some,
    classCount,
    weights: weights && Float64Array.from(at, (row) => weights[row] as number),
  });
  const main = classCount === 2 ? { f1: f1 as number } : { f1Macro: f1Macro as number };
  const ranks = rocAuc === undefined ? {} : { rocAuc };
  return { accuracy: accuracy as number, ...main, ...ranks, ...(brier === undefined ? {} : { brier }) };
}

function notesOf({ truth, predicted, labels, weights, probabilities }: ClassRows): string[] {
  const inTruth = new Set(truth);
  const invented = [...new Set(predicted)].filter((code) => !inTruth.has(code)).map((code) => labels[code]);
  return [
    inTruth.size === 1
      ? `All true labels are ${labels[truth[0] as number]}: what compares classes is not defined.`
      : '',
    invented.length > 0 ? `Predicted, but never true: ${invented.join(', ')}.` : '',
    weights && probabilities ? 'Areas of weighted rows have no interval.' : '',
    probabilities && labels.length > 2 ? 'Areas of more than two classes have no interval.' : '',
  ].filter((note) => note !== '');
}
