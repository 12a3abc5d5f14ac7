import { type Html, type HtmlValue, html } from '../../../../platform/http/index.js';
import type { ClassificationReport, ClassScores } from '../../../evaluation/index.js';
import { formatInterval, formatNumber, formatP, formatRatio } from '../format-values.js';
import { factList, missing, num, section, table } from '../page-parts.js';
import type { ReportFacts } from '../report-facts.js';
import { calibrationChart } from '../svg-calibration.js';
import { boundsOf, numbersPart } from './evaluation-of-numbers.js';

const SCORES: readonly (readonly [keyof ClassScores, string])[] = [
  ['brier', 'Brier score'],
  ['logLoss', 'Log loss'],
  ['accuracy', 'Accuracy'],
  ['balancedAccuracy', 'Balanced accuracy'],
  ['rocAuc', 'Area under the ROC curve'],
  ['averagePrecision', 'Average precision'],
  ['precision', 'Precision'],
  ['recall', 'Recall'],
  ['f1', 'F1'],
  ['mcc', 'Matthews correlation'],
  ['ece', 'Expected calibration error'],
];
const MAX_SLICES = 15;

/** How good it is, with how much certainty, against what, and where it is weak. */
export function evaluationSection({ evaluation, version }: ReportFacts): Html {
  if (evaluation === null) return section('evaluation', 'Evaluation', missing('No evaluation report is stored.'));
  const { rows, part, bootstrap } = evaluation;
  return section(
    'evaluation',
    'Evaluation',
    html`${factList([
      [
        'Evaluated on',
        `${formatNumber(rows)} rows of the part “${part}”; the model learnt from “${version.source.trainPart ?? 'rows that are not here'}”`,
      ],
      [
        'Intervals',
        `${formatNumber(bootstrap.resamples)} bootstrap resamples of blocks of ${formatNumber(bootstrap.blockRows)} rows, seed ${bootstrap.seed}`,
      ],
    ])}${evaluation.task === 'regression' ? numbersPart(evaluation) : classesPart(evaluation)}`,
  );
}

function classesPart(evaluation: ClassificationReport): Html {
  return html`<div class="columns">${scores(evaluation)}${calibrationChart(evaluation)}</div>${baselines(evaluation)}${confusion(evaluation)}${slices(evaluation)}`;
}

function scores({ scores: found, intervals }: ClassificationReport): Html {
  return table(
    'Scores',
    ['Score', num('Value'), 'Interval'],
    SCORES.map(([key, name]) => [name, formatNumber(found[key]), boundsOf(intervals[key])]),
  );
}

function baselines({ baselines: found, strongestBaseline, scores: own }: ClassificationReport): Html {
  if (found.length === 0) return missing('The model was not compared with any baseline.');
  return table(
    'Against forecasts without skill; the strongest is the one the gate compares with',
    [
      'Baseline',
      num('Its Brier score'),
      num('Ours'),
      'Brier skill of the model',
      num('Its accuracy'),
      'Gain of accuracy',
    ],
    found.map((row): HtmlValue[] => [
      row.baseline === strongestBaseline ? html`<strong>${row.baseline}</strong> (strongest)` : row.baseline,
      formatNumber(row.scores.brier),
      formatNumber(own.brier),
      formatInterval(row.brierSkill),
      formatRatio(row.scores.accuracy),
      formatInterval(row.accuracyGain),
    ]),
  );
}

function confusion({ confusion: counts, labels, rows }: ClassificationReport): Html {
  return table(
    'Confusion: truth downwards, prediction to the right',
    ['Truth', ...labels.map((label) => num(`predicted ${label}`))],
    counts.map((line, index) => [
      html`<strong>${labels[index] ?? index}</strong>`,
      ...line.map((count) => `${formatNumber(count)} (${formatRatio(rows === 0 ? null : count / rows)})`),
    ]),
  );
}

function slices({ slices: found }: ClassificationReport): Html {
  if (found.length === 0) return missing('No slice of the data was large enough to be judged by itself.');
  const shown = [...found].sort((a, b) => b.excessBrier - a.excessBrier).slice(0, MAX_SLICES);
  const caption = `The weakest ${shown.length} of ${found.length} slices`;
  return table(
    caption,
    ['Slice', num('Rows'), num('Brier score'), num('Above all rows'), 'Accuracy', num('p adjusted')],
    shown.map((slice) => [
      slice.slice,
      formatNumber(slice.rows),
      formatNumber(slice.brier),
      formatNumber(slice.excessBrier, 3),
      formatInterval(slice.accuracy),
      formatP(slice.pValueAdjusted),
    ]),
  );
}
