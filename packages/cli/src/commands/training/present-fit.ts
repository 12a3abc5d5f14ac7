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
    ...nestedLine(result),
    ...scores(result),
    comparison === null ? '' : paint(comparison.words),
    ...notes.map((note) => style.yellow(`! ${note}`)),
    GAP,
    `parity: the file answers as the trained model on ${count(parity.rows, 'row')}, largest difference ${parity.maxAbsDifference.toExponential(1)}`,
    `${file.path}: ${formatBytes(file.sizeBytes)}, sha256 ${file.digest.slice(0, 12)}`,
    timeLine(result),
  ];
}

function timeLine({ timings: { readMs, compareMs, fitMs, packageMs, testMs }, leaderboard }: FitFileResult): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const compared = leaderboard.some(({ validation }) => validation !== null);
  const parts = [
    `reading ${seconds(readMs)}`,
    ...(compared ? [`comparing ${seconds(compareMs)}`] : []),
    `the last fit ${seconds(fitMs)}`,
    `packaging and proof ${seconds(packageMs)}`,
    `test ${seconds(testMs)}`,
  ];
  return `time: ${parts.join(', ')}`;
}

function nestedLine({ nested }: FitFileResult): string[] {
  if (nested === null) return [];
  const { metric, score, standardDeviation, folds, failures } = nested;
  const inner = folds.reduce((sum, { innerScore }) => sum + innerScore, 0) / folds.length;
  const spread = standardDeviation === null ? '' : ` ± ${formatNumber(standardDeviation)}`;
  const lost = failures.length === 0 ? '' : `; ${count(failures.length, 'outer fold')} failed: ${failures[0]?.message}`;
  return [
    `The selection itself: ${metric} ${formatNumber(score)}${spread} on ${count(folds.length, 'outer fold')} that it never saw (${formatNumber(inner)} on the folds it chose by)${lost}.`,
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
  const rows = leaderboard.map(({ name, kind, params, features, validation, failure, fitMs, test }) => [
    kind === 'baseline' ? `(${name})` : name,
    brief(
      [
        features,
        ...Object.entries(params).map(
          ([key, value]) => `${key} ${typeof value === 'number' ? formatNumber(value) : value}`,
        ),
      ]
        .filter((part) => part !== '')
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
