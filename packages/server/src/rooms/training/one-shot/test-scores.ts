import {
  absoluteErrorRows,
  type BootstrapOptions,
  balancedAccuracy,
  bootstrapConfusion,
  bootstrapManyMeans,
  bootstrapMeans,
  brierRows,
  brierRowsMulticlass,
  createRng,
  delongInterval,
  logLossRows,
  mostProbable,
  pinballRows,
  precisionRecall,
  probabilityOf,
  squaredErrorRows,
  wilsonInterval,
} from '@fairlead/num';
import type { ProblemTarget } from '../engine/engine-types.js';
import type { SelectionMetric } from '../training-types.js';
import type { Estimate, TestScores } from './fit-types.js';

/** Answers to the test rows, row-major: probabilities or numbers. */
export type TestAnswers = Float64Array;

export interface TestRows {
  readonly truth: ProblemTarget;
  /** True when neighbouring rows repeat each other: intervals are then drawn in blocks. */
  readonly ordered: boolean;
  readonly seed: number;
  /** The quantile, 0..1, that the answers forecast; absent where they forecast a mean. */
  readonly quantile?: number | undefined;
}

const RESAMPLES = 1000;

function optionsOf({ ordered, seed }: TestRows): BootstrapOptions {
  return {
    rng: createRng(seed).fork('test intervals'),
    resamples: RESAMPLES,
    ...(ordered && { blockLength: 'auto' as const }),
  };
}

const plain = ({
  value,
  estimate,
  lower,
  upper,
}: {
  value?: number;
  estimate?: number;
  lower: number;
  upper: number;
}): Estimate => ({
  value: (value ?? estimate) as number,
  lower,
  upper,
});

/** What the answers are worth on rows that nothing was learned from, with 95 % intervals. */
export function scoreTest(rows: TestRows, answers: TestAnswers): TestScores {
  if (rows.truth.kind === 'classes') return scoreClasses(rows, rows.truth, answers);
  return rows.truth.kind === 'numbers' ? scoreNumbers(rows, rows.truth.values, answers) : {};
}

function scoreClasses(
  rows: TestRows,
  { codes, labels }: { codes: Int32Array; labels: readonly string[] },
  probabilities: Float64Array,
): TestScores {
  const classCount = labels.length;
  const predicted = mostProbable(probabilities, classCount);
  if (codes.length < 2) return { accuracy: sure(Number(codes[0] === predicted[0])) };
  const [balanced, f1] = bootstrapConfusion(
    { truth: codes, predicted, classCount },
    (matrix) => [balancedAccuracy(matrix), precisionRecall(matrix, { average: 'macro' }).fBeta],
    optionsOf(rows),
  ).map(plain) as [Estimate, Estimate];
  const [logLoss, brier] = bootstrapManyMeans(
    [logLossRows(codes, probabilities, classCount), quadraticRows(codes, probabilities, classCount)],
    (means) => [...means],
    optionsOf(rows),
  ).map(plain) as [Estimate, Estimate];
  return {
    accuracy: accuracyOf(rows, codes, predicted),
    'balanced-accuracy': balanced,
    'f1-macro': f1,
    ...(classCount === 2 && twoClasses(codes) && { 'roc-auc': areaOf(codes, probabilities) }),
    'log-loss': logLoss,
    brier,
  };
}

const sure = (value: number): Estimate => ({ value, lower: null, upper: null });

function accuracyOf(rows: TestRows, codes: Int32Array, predicted: Int32Array): Estimate {
  const hits = Float64Array.from(codes, (code, i) => Number(code === predicted[i]));
  if (rows.ordered) return plain(bootstrapMeans([hits], (means) => means[0] as number, optionsOf(rows)));
  const right = hits.reduce((sum, hit) => sum + hit, 0);
  const { lower, upper } = wilsonInterval(right, codes.length);
  return { value: right / codes.length, lower, upper };
}

function twoClasses(codes: Int32Array): boolean {
  return codes.includes(0) && codes.includes(1);
}

function areaOf(codes: Int32Array, probabilities: Float64Array): Estimate {
  return plain(delongInterval(codes, probabilityOf(probabilities, 2, 1)));
}

/** Brier per row; with more than two classes half the squared distance, as selection has it. */
function quadraticRows(codes: Int32Array, probabilities: Float64Array, classCount: number): Float64Array {
  if (classCount === 2) return brierRows(codes, probabilityOf(probabilities, 2, 1));
  return brierRowsMulticlass(codes, probabilities, classCount).map((value) => value / 2);
}

function scoreNumbers(rows: TestRows, truth: Float64Array, predicted: Float64Array): TestScores {
  const squared = squaredErrorRows({ truth, predicted });
  const absolute = absoluteErrorRows({ truth, predicted });
  const { quantile } = rows;
  const pinball = quantile === undefined ? null : pinballRows({ truth, predicted }, quantile);
  if (truth.length < 2) {
    return {
      ...(pinball && { pinball: sure(pinball[0] as number) }),
      rmse: sure(Math.sqrt(squared[0] as number)),
      mae: sure(absolute[0] as number),
    };
  }
  const centre = truth.reduce((sum, value) => sum + value, 0) / truth.length;
  const spread = truth.map((value) => (value - centre) ** 2);
  const [rmse, mae, r2, loss] = bootstrapManyMeans(
    [squared, absolute, spread, ...(pinball ? [pinball] : [])],
    ([s = 0, a = 0, v = 0, p = 0]) => [Math.sqrt(s), a, v > 0 ? 1 - s / v : Number.NaN, p],
    optionsOf(rows),
  ).map(plain) as [Estimate, Estimate, Estimate, Estimate];
  const first = pinball ? { pinball: loss } : {};
  return Number.isNaN(r2.value) ? { ...first, rmse, mae } : { ...first, rmse, mae, r2 };
}

/** The metric to compare two models by row for row: the selection metric where rows add up to it, else its nearest kin. */
export function comparableMetric(metric: SelectionMetric | null, truth: ProblemTarget): SelectionMetric {
  if (truth.kind === 'numbers') return metric === 'mae' || metric === 'pinball' ? metric : 'rmse';
  return metric === 'log-loss' || metric === 'accuracy' ? metric : 'brier';
}

/** How much better `model` is than `other` on the same rows: positive is better. */
export function gainOver(
  rows: TestRows,
  metric: SelectionMetric,
  { model, other }: { model: TestAnswers; other: TestAnswers },
): Estimate {
  const terms = [lossRows(rows, metric, other), lossRows(rows, metric, model)];
  const whole = metric === 'rmse' ? Math.sqrt : (value: number) => value;
  const statistic = (means: Float64Array) => whole(means[0] as number) - whole(means[1] as number);
  if ((terms[0] as Float64Array).length < 2)
    return sure(statistic(Float64Array.from(terms, (term) => term[0] as number)));
  return plain(bootstrapMeans(terms, statistic, optionsOf(rows)));
}

/** Loss of each row, less is better. */
function lossRows({ truth, quantile = 0.5 }: TestRows, metric: SelectionMetric, answers: TestAnswers): Float64Array {
  if (truth.kind === 'numbers') {
    const rows = { truth: truth.values, predicted: answers };
    if (metric === 'pinball') return pinballRows(rows, quantile);
    return metric === 'mae' ? absoluteErrorRows(rows) : squaredErrorRows(rows);
  }
  if (truth.kind === 'none') return new Float64Array(0);
  const { codes, labels } = truth;
  if (metric === 'log-loss') return logLossRows(codes, answers, labels.length);
  if (metric === 'brier') return quadraticRows(codes, answers, labels.length);
  const predicted = mostProbable(answers, labels.length);
  return Float64Array.from(codes, (code, i) => Number(code !== predicted[i]));
}
