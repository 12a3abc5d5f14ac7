import {
  absoluteErrorRows,
  type BootstrapOptions,
  bootstrapManyMeans,
  createRng,
  mean,
  scoreRegression,
  squaredErrorRows,
  summariseResiduals,
} from '@fairlead/num';
import { bareInterval } from './bare-interval.js';
import type { NumberComparison, NumberScores, NumberSlice, RegressionReport } from './evaluation-types.js';
import { worstSlices } from './find-slices.js';
import type { NumberInput, NumberJudgement } from './judge-messages.js';

/** Scores a model of numbers and its baselines on the same rows, with intervals. Deterministic for the seed. */
export function judgeNumbers(input: NumberInput, tell: (ratio: number, message: string) => void): NumberJudgement {
  const { truth, predicted, bootstrap } = input;
  const { resamples, blockRows: blockLength, seed } = bootstrap;
  // Every comparison has a generator of its own, so that adding a baseline does not move the others.
  const options = (name: string): BootstrapOptions => ({ rng: createRng(seed).fork(name), resamples, blockLength });
  tell(0, 'intervals');
  const intervals = intervalsOf(truth, predicted, options('errors'));
  const baselines = input.baselines.map(({ name, predicted: other }, i) => {
    tell(0.3 + (0.4 * i) / input.baselines.length, `against ${name}`);
    return compare({ truth, predicted, name, other }, options(`against ${name}`));
  });
  tell(0.7, 'slices');
  return {
    task: 'regression',
    rows: truth.length,
    scores: scoresOf(truth, predicted),
    intervals,
    residuals: residualsOf(truth, predicted),
    baselines,
    strongestBaseline: baselines.reduce((best, one) => (one.scores.rmse < best.scores.rmse ? one : best)).baseline,
    slices: slicesOf(input),
  };
}

const NAMES = [
  'rmse',
  'mae',
  'medianAbsoluteError',
  'maxError',
  'mape',
  'r2',
  'explainedVariance',
  'bias',
] as const satisfies readonly (keyof NumberScores)[];

function scoresOf(truth: Float64Array, predicted: Float64Array): NumberScores {
  const all = scoreRegression({ truth, predicted });
  return Object.fromEntries(NAMES.map((name) => [name, all[name]])) as unknown as NumberScores;
}

function residualsOf(truth: Float64Array, predicted: Float64Array): RegressionReport['residuals'] {
  const { bias, standardDeviation, skew, min, max, quantiles } = summariseResiduals({ truth, predicted });
  return { mean: bias, standardDeviation, skew, min, max, quantiles };
}

function intervalsOf(truth: Float64Array, predicted: Float64Array, options: BootstrapOptions) {
  const rows = { truth, predicted };
  const centre = mean(truth);
  const shifted = truth.map((value) => value - centre); // keeps the difference of squares exact
  const terms = [
    squaredErrorRows(rows),
    absoluteErrorRows(rows),
    truth.map((value, i) => value - (predicted[i] as number)),
    shifted,
    shifted.map((value) => value * value),
  ];
  const found = bootstrapManyMeans(
    terms,
    ([square = 0, absolute = 0, bias = 0, y = 0, yy = 0]) => {
      const variance = yy - y * y;
      return [Math.sqrt(square), absolute, bias, variance > 0 ? 1 - square / variance : Number.NaN];
    },
    options,
  ).map(bareInterval);
  return Object.fromEntries(['rmse', 'mae', 'bias', 'r2'].map((name, i) => [name, found[i]])) as Record<
    string,
    ReturnType<typeof bareInterval>
  >;
}

interface Pair {
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
  readonly name: string;
  readonly other: Float64Array;
}

/** Both are resampled together: the rows that are hard for one are hard for the other. */
function compare({ truth, predicted, name, other }: Pair, options: BootstrapOptions): NumberComparison {
  const [model, baseline] = [
    { truth, predicted },
    { truth, predicted: other },
  ];
  const [mseSkill, maeGain] = bootstrapManyMeans(
    [squaredErrorRows(model), squaredErrorRows(baseline), absoluteErrorRows(model), absoluteErrorRows(baseline)],
    ([own = 0, theirs = 0, ownMae = 0, theirMae = 0]) => [
      theirs === 0 ? Number.NaN : 1 - own / theirs,
      theirMae - ownMae,
    ],
    options,
  ).map(bareInterval) as [NumberComparison['mseSkill'], NumberComparison['maeGain']];
  return { baseline: name, scores: scoresOf(truth, other), mseSkill, maeGain };
}

/** Where the model is worst by mean squared error. @throws EVAL_SLICE_COLUMN */
function slicesOf(input: NumberInput): NumberSlice[] {
  const { truth, predicted } = input;
  const losses = squaredErrorRows({ truth, predicted });
  return worstSlices(input, losses).map(({ slice, rows, meanLoss, excess, pValueAdjusted }) => {
    const errors = Float64Array.from(rows, (row) => (truth[row] as number) - (predicted[row] as number));
    const rmse = Math.sqrt(meanLoss);
    return { slice, rows: rows.length, rmse, bias: mean(errors), excessMse: excess, pValueAdjusted };
  });
}
