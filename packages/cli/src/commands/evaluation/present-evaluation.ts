import type { MetricValue, PredictionsReport } from '@fairlead/server';
import { brief, count, formatNumber, formatRatio } from '../../terminal/format.js';
import { GAP, printTable } from '../../terminal/print-table.js';
import type { Style } from '../../terminal/style.js';

const MAX_CONFUSION = 12;
const MAX_LINES = 20;

/** The report as a person reads it: verdict first, then metrics, baselines, classes, groups and slices. */
export function presentEvaluation(report: PredictionsReport, style: Style): string[] {
  const { verdict, notes } = report;
  const paint =
    verdict.beatsBaseline === true ? style.green : verdict.beatsBaseline === false ? style.red : style.yellow;
  return [
    ...headOf(report),
    paint(verdict.text),
    ...notes.map((note) => style.dim(note)),
    ...titled('', metricTable(report)),
    ...titled('baselines', baselineTable(report)),
    ...titled('confusion (rows: truth, columns: prediction)', confusionTable(report)),
    ...titled('per class', classTable(report)),
    ...titled('errors (truth − prediction)', residualLine(report)),
    ...titled('compared with the second model (first minus second)', comparisonTable(report)),
    ...titled('groups', groupTable(report)),
    ...titled(sliceTitle(report), sliceTable(report)),
  ];
}

function titled(title: string, block: string): string[] {
  return block === '' ? [] : [GAP, ...(title === '' ? [] : [title]), block];
}

function headOf({ task, taskInferred, rows, blocks }: PredictionsReport): string[] {
  const leftOut = Object.entries(rows.leftOut).map(([reason, number]) => `${reason} (${count(number, 'row')})`);
  return [
    `${task}, ${count(rows.judged, 'row')} judged${rows.judged < rows.read ? ` of ${rows.read.toLocaleString('en-US')}` : ''}`,
    taskInferred === null ? '' : `task inferred, because ${taskInferred}; say otherwise with --task`,
    leftOut.length === 0 ? '' : `left out: ${leftOut.join(', ')}`,
    blocks === 'auto' ? 'rows are in the order of time; intervals keep neighbours together' : '',
  ];
}

const interval = ({ lower, upper }: Pick<MetricValue, 'lower' | 'upper'>) =>
  lower === undefined || upper === undefined || lower === null || upper === null
    ? ''
    : `${formatNumber(lower)} … ${formatNumber(upper)}`;

function metricTable({ metrics }: PredictionsReport): string {
  return printTable(
    ['metric', 'value>', '95 % interval', 'by'],
    metrics.map((metric) => [
      metric.name,
      metric.value === null ? 'not defined' : formatNumber(metric.value),
      interval(metric),
      metric.method ?? '',
    ]),
  );
}

function baselineTable({ baselines }: PredictionsReport): string {
  if (baselines.length === 0) return '';
  return printTable(
    ['baseline', 'loss', 'model>', 'baseline>', 'skill>', '95 % interval'],
    baselines.map(({ baseline, loss, modelLoss, baselineLoss, skill }) => [
      baseline,
      loss,
      formatNumber(modelLoss),
      formatNumber(baselineLoss),
      formatNumber(skill.estimate),
      interval(skill),
    ]),
  );
}

function confusionTable({ labels, confusion }: PredictionsReport): string {
  if (labels === undefined || confusion === undefined || labels.length > MAX_CONFUSION) return '';
  return printTable(
    ['', ...labels.map((label) => `${brief(label, 16)}>`)],
    confusion.map((row, t) => [brief(labels[t], 16), ...row.map(formatCount)]),
  );
}

const formatCount = (number: number) =>
  Number.isInteger(number) ? number.toLocaleString('en-US') : formatNumber(number);

function classTable({ perClass }: PredictionsReport): string {
  if (perClass === undefined) return '';
  const lines = perClass.slice(0, MAX_LINES).map(({ label, precision, recall, f1, support, predicted }) => {
    const scores = [precision, recall, f1].map(formatNumber);
    return [brief(label, 24), ...scores, formatCount(support), formatCount(predicted)];
  });
  const more = perClass.length - lines.length;
  const table = printTable(['class', 'precision>', 'recall>', 'f1>', 'true>', 'predicted>'], lines);
  return more > 0 ? `${table}\n… and ${more} more; see --json` : table;
}

function residualLine({ residuals }: PredictionsReport): string {
  if (residuals === undefined) return '';
  const { bias, standardDeviation, variance, skew, min, max } = residuals as Record<string, number | null>;
  const quantiles = Object.entries(residuals.quantiles as Record<string, number>);
  return printTable(
    [
      'bias>',
      'deviation>',
      'variance>',
      'skew>',
      'min>',
      ...quantiles.map(([p]) => `${formatRatio(Number(p))}>`),
      'max>',
    ],
    [[bias, standardDeviation, variance, skew, min, ...quantiles.map(([, value]) => value), max].map(formatNumber)],
  );
}

function comparisonTable({ comparison }: PredictionsReport): string {
  if (comparison === undefined) return '';
  return printTable(
    ['difference in', 'value>', '95 % interval', 'p>', 'by'],
    comparison.map(({ name, difference, pValue, method }) => [
      name,
      formatNumber(difference.estimate),
      interval(difference),
      formatNumber(pValue),
      method,
    ]),
  );
}

function groupTable({ groups }: PredictionsReport): string {
  const [first] = groups ?? [];
  if (groups === undefined || first === undefined) return '';
  const names = Object.keys(first.metrics);
  const lines = groups
    .slice(0, MAX_LINES)
    .map(({ group, rows, metrics }) => [
      brief(group, 40),
      rows.toLocaleString('en-US'),
      ...names.map((name) => formatNumber(metrics[name])),
    ]);
  const table = printTable(['group', 'rows>', ...names.map((name) => `${name}>`)], lines);
  return groups.length > lines.length ? `${table}\n… and ${groups.length - lines.length} more; see --json` : table;
}

const sliceTitle = ({ slices }: PredictionsReport) =>
  slices === undefined
    ? ''
    : `where it is worst, by ${slices.loss} (all rows: ${formatNumber(slices.overallMeanLoss)}; ${count(slices.tested, 'slice')} tested)`;

function sliceTable({ slices }: PredictionsReport): string {
  if (slices === undefined) return '';
  if (slices.worst.length === 0) return 'no slice has enough rows';
  return printTable(
    ['slice', 'rows>', 'loss>', 'rest>', 'p, corrected>'],
    slices.worst.map(({ conditions, support, meanLoss, restMeanLoss, adjustedPValue }) => [
      conditions.map(({ column, value }) => `${column} ${/^[<>[(]/.test(value) ? '' : '= '}${value}`).join(' and '),
      support.toLocaleString('en-US'),
      formatNumber(meanLoss),
      formatNumber(restMeanLoss),
      formatNumber(adjustedPValue),
    ]),
  );
}
