import type { FitFileResult } from '@fairlead/server';
import { brief, count, formatBytes, formatNumber } from '../../terminal/format.js';
import { GAP, printTable } from '../../terminal/print-table.js';
import type { Style } from '../../terminal/style.js';

type Estimate = FitFileResult['test'][string];

/** What was found, tried and shown, for people. */
export function presentFit(result: FitFileResult, style: Style): string[] {
  const { task, target, labels, rows, columns, notes, comparison, file, parity } = result;
  const classes = labels.length === 0 ? '' : ` (${brief(labels.join(', '), 70)})`;
  const paint = comparison?.verdict === 'better' ? style.green : style.red;
  return [
    `${task}${target === null ? '' : ` of ${target}`}${classes} from ${count(rows, 'row')}`,
    splitLine(result),
    GAP,
    printTable(
      ['column', 'type', 'use', 'reason'],
      columns.map(({ name, type, role, treatment, reason }) => [
        name,
        type,
        role === 'feature' ? treatment : role,
        role === 'time' ? treatment : brief(reason, 90),
      ]),
    ),
    GAP,
    ...board(result),
    result.chosen.why === 'named' ? '' : `Chosen: ${result.chosen.trainer}: ${result.chosen.why}.`,
    ...scores(result),
    comparison === null ? '' : paint(comparison.words),
    ...notes.map((note) => style.yellow(`! ${note}`)),
    GAP,
    `parity: the file answers as the trained model on ${count(parity.rows, 'row')}, largest difference ${parity.maxAbsDifference.toExponential(1)}`,
    `${file.path}: ${formatBytes(file.sizeBytes)}, sha256 ${file.digest.slice(0, 12)}`,
  ];
}

function splitLine({ split, validation }: FitFileResult): string {
  const learned = `learned from ${count(split.trainRows, 'row')}`;
  if (split.by === 'none') return `${learned}; nothing was put aside for a test`;
  const how = split.by === 'time' ? `from ${split.testFrom?.slice(0, 16).replace('T', ' ')} on` : 'drawn at random';
  return `${learned}, tested on ${count(split.testRows, 'other row')} ${how}; ${validation}`;
}

function board({ leaderboard, metric }: FitFileResult): string[] {
  const compared = leaderboard.some(({ validation }) => validation !== null);
  const tested = [...new Set(leaderboard.flatMap(({ test }) => Object.keys(test ?? {})))];
  const rows = leaderboard.map(({ name, kind, params, validation, failure, fitMs, test }) => [
    kind === 'baseline' ? `(${name})` : name,
    brief(
      Object.entries(params)
        .map(([key, value]) => `${key} ${value}`)
        .join(', '),
      44,
    ),
    ...(compared ? [failure === null ? formatNumber(validation) : 'failed'] : []),
    fitMs === null ? '' : `${(fitMs / 1000).toFixed(2)} s`,
    ...tested.map((one) => formatNumber(test?.[one]?.value)),
  ]);
  const titles = [
    'model',
    'parameters',
    ...(compared ? [`${metric}>`] : []),
    'fit>',
    ...tested.map((one) => `test ${one}>`),
  ];
  const failures = leaderboard.filter(({ failure }) => failure !== null);
  return [printTable(titles, rows), ...failures.map(({ name, failure }) => `${name} failed: ${failure}`), GAP];
}

function scores({ test }: FitFileResult): string[] {
  const entries = Object.entries(test);
  if (entries.length === 0) return [];
  const line = ([name, { value, lower, upper }]: [string, Estimate]) => [
    name,
    formatNumber(value),
    lower === null || upper === null ? '' : `${formatNumber(lower)} to ${formatNumber(upper)}`,
  ];
  return [printTable(['test', 'value>', '95 % interval'], entries.map(line)), GAP];
}
