import {
  absoluteErrorRows,
  type BootstrapInterval,
  bootstrapManyMeans,
  fitMeanBaseline,
  fitMedianBaseline,
  scoreRegression,
  seasonalNaiveForecast,
  squaredErrorRows,
  summariseResiduals,
} from '@fairlead/num';
import { compareLosses } from './compare-models.js';
import {
  bootstrapMethod,
  bootstrapOptions,
  combine,
  type Drawing,
  judgeBaseline,
  known,
  weighted,
} from './prediction-intervals.js';
import type { BaselineVerdict, TaskResult } from './predictions-types.js';

export interface NumberRows {
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly baseline: { readonly name: string; readonly values: Float64Array } | undefined;
  readonly compare: { readonly name: string; readonly values: Float64Array } | undefined;
  readonly drawing: Drawing;
}

/** Everything about predicted numbers. */
export function evaluateNumbers(rows: NumberRows): TaskResult {
  const { truth, predicted, weights, drawing, compare } = rows;
  const input = { truth, predicted, weights };
  const squared = squaredErrorRows(input);
  const { quantiles, skew, ...spread } = summariseResiduals(input);
  const constant = truth.every((value) => value === truth[0]);
  return {
    metrics: combine(scoreRegression(input), truth.length < 2 ? new Map() : intervalsOf(rows, squared)),
    baselines: baselinesOf(rows, squared),
    residuals: { ...spread, skew: known(skew), quantiles },
    ...(compare && {
      comparison: [
        compareLosses('squaredError', { first: squared, second: errorOf(truth, compare.values) }, drawing),
        compareLosses(
          'absoluteError',
          {
            first: absoluteErrorRows(input),
            second: absoluteErrorRows({ truth, predicted: compare.values }),
          },
          drawing,
        ),
      ],
    }),
    losses: squared,
    lossName: 'squared error',
    scoreRows: (at) => {
      const pick = (values: Float64Array) => Float64Array.from(at, (row) => values[row] as number);
      const some = { truth: pick(truth), predicted: pick(predicted), weights: weights && pick(weights) };
      const { rmse, mae, bias, r2 } = scoreRegression(some) as Record<string, number>;
      return { rmse: rmse as number, mae: mae as number, bias: bias as number, r2: r2 as number };
    },
    notes: [
      constant ? 'All true values are equal: r2 says only whether every prediction is exact.' : '',
      truth.some((value) => value === 0) ? 'The truth is 0 in some rows, so mape divides by almost nothing.' : '',
    ].filter((note) => note !== ''),
  };
}

const errorOf = (truth: Float64Array, predicted: Float64Array) => squaredErrorRows({ truth, predicted });

function intervalsOf({ truth, predicted, weights, drawing }: NumberRows, squared: Float64Array) {
  const error = truth.map((value, i) => value - (predicted[i] as number));
  const centre = truth.reduce((sum, value) => sum + value, 0) / truth.length;
  const shifted = truth.map((value) => value - centre); // keeps the difference of squares exact
  const percentage = error.map((value, i) => Math.abs(value) / Math.max(Math.abs(truth[i] as number), Number.EPSILON));
  const terms = [
    squared,
    error.map(Math.abs),
    error,
    shifted,
    shifted.map((value) => value * value),
    percentage,
    new Float64Array(truth.length).fill(1),
  ].map((values) => weighted(values, weights));
  const names = ['rmse', 'mae', 'bias', 'r2', 'explainedVariance', 'mape'];
  const found = bootstrapManyMeans(
    terms,
    (means) => {
      const [square, absolute, bias, y, yy, share] = [...means].map((value) => value / (means[6] as number)) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const variance = yy - y * y;
      const r2 = variance > 0 ? 1 - square / variance : Number.NaN;
      const explained = variance > 0 ? 1 - (square - bias * bias) / variance : Number.NaN;
      return [Math.sqrt(square), absolute, bias, r2, explained, share];
    },
    bootstrapOptions(drawing, 'errors'),
  );
  return new Map(
    names.map((name, s) => {
      const interval = found[s] as BootstrapInterval;
      return [name, { interval, method: bootstrapMethod(interval) }];
    }),
  );
}

function baselinesOf(rows: NumberRows, squared: Float64Array): BaselineVerdict[] {
  const { truth, weights, drawing, baseline } = rows;
  const loss = 'squared error';
  const against = (name: string, values: Float64Array) =>
    judgeBaseline({ baseline: name, loss, model: squared, other: errorOf(truth, values) }, { drawing, weights });
  const out = [
    against('mean', new Float64Array(truth.length).fill(fitMeanBaseline(truth).mean)),
    against('median', new Float64Array(truth.length).fill(fitMedianBaseline(truth).median)),
  ];
  if (drawing.blockLength === 'auto' && truth.length > 2) {
    const before = seasonalNaiveForecast(truth, 1);
    before[0] = truth[0] as number;
    out.push(against('persistence', before));
  }
  return baseline === undefined ? out : [...out, against(baseline.name, baseline.values)];
}
