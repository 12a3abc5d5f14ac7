import type { Interval } from '@fairlead/kernel';
import { type Html, type HtmlValue, html } from '../../../../platform/http/index.js';
import type { NumberScores, RegressionReport } from '../../../evaluation/index.js';
import { formatInterval, formatNumber, formatP, formatRatio } from '../format-values.js';
import { factList, missing, num, table } from '../page-parts.js';

const SCORES: readonly (readonly [keyof NumberScores, string])[] = [
  ['rmse', 'Root of the mean squared error'],
  ['mae', 'Mean absolute error'],
  ['medianAbsoluteError', 'Median absolute error'],
  ['maxError', 'Largest error'],
  ['mape', 'Mean absolute percentage error'],
  ['r2', 'R²'],
  ['explainedVariance', 'Explained variance'],
  ['bias', 'Bias (mean of truth − prediction)'],
];

/** How good a model of numbers is, how its errors are spread, against what, and where it is weak. */
export function numbersPart(report: RegressionReport): Html {
  return html`${scores(report)}${residuals(report)}${baselines(report)}${slices(report)}`;
}

export function boundsOf(interval: Interval | undefined): string {
  if (interval === undefined) return '';
  return `${formatNumber(interval.lower, 3)} to ${formatNumber(interval.upper, 3)} (${formatRatio(interval.confidence)})`;
}

function scores({ scores: found, intervals }: RegressionReport): Html {
  return table(
    'Scores',
    ['Score', num('Value'), 'Interval'],
    SCORES.map(([key, name]) => [name, formatNumber(found[key]), boundsOf(intervals[key])]),
  );
}

function residuals({ residuals: found, target }: RegressionReport): Html {
  const { mean, standardDeviation, min, max, quantiles } = found;
  return factList([
    [`Errors of ${target}`, `mean ${formatNumber(mean)}, standard deviation ${formatNumber(standardDeviation)}`],
    ['Errors lie between', `${formatNumber(min)} and ${formatNumber(max)}`],
    [
      'Quantiles of the errors',
      Object.entries(quantiles)
        .map(([p, value]) => `${formatRatio(Number(p))}: ${formatNumber(value)}`)
        .join(', '),
    ],
  ]);
}

function baselines({ baselines: found, strongestBaseline, scores: own }: RegressionReport): Html {
  return table(
    'Against forecasts without skill; the strongest is the one the gate compares with',
    ['Baseline', num('Its RMSE'), num('Ours'), 'MSE skill of the model', num('Its MAE'), 'Gain of MAE'],
    found.map((row): HtmlValue[] => [
      row.baseline === strongestBaseline ? html`<strong>${row.baseline}</strong> (strongest)` : row.baseline,
      formatNumber(row.scores.rmse),
      formatNumber(own.rmse),
      formatInterval(row.mseSkill),
      formatNumber(row.scores.mae),
      boundsOf(row.maeGain),
    ]),
  );
}

function slices({ slices: found }: RegressionReport): Html {
  if (found.length === 0) return missing('No slice of the data was large enough to be judged by itself.');
  return table(
    `The weakest ${found.length} slices`,
    ['Slice', num('Rows'), num('RMSE'), num('Bias'), num('MSE above all rows'), num('p adjusted')],
    found.map((slice) => [
      slice.slice,
      formatNumber(slice.rows),
      formatNumber(slice.rmse),
      formatNumber(slice.bias),
      formatNumber(slice.excessMse, 3),
      formatP(slice.pValueAdjusted),
    ]),
  );
}
