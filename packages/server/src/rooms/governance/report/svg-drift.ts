import { type Html, html } from '../../../platform/http/index.js';
import type { ColumnCheck, MonitorReport } from '../../monitoring/index.js';
import { formatNumber, formatP, formatRatio, shorten } from './format-values.js';
import { behind, num, pill, table } from './page-parts.js';
import { at, chart, linear } from './svg-parts.js';

const ROW = 30;
const MAX_BARS = 20;
const TEXT = { drift: 'drift', 'no-drift': 'no drift', insufficient: 'too few rows' } as const;

/** How far each column moved from training, largest first, with the p-value after the adjustment for many columns. */
export function driftChart(report: MonitorReport, { minEffect }: { minEffect: number | null }): Html {
  const checks = [...report.columns, ...(report.output === null ? [] : [report.output])];
  const sorted = checks.sort((a, b) => size(b) - size(a) || (a.column < b.column ? -1 : 1));
  const shown = sorted.slice(0, MAX_BARS);
  const most = Math.max(minEffect ?? 0, ...shown.map(size), 1e-9);
  const [left, right] = [190, 700];
  const x = linear([0, most], [left, right]);
  const height = shown.length * ROW + 24;
  return html`${chart({
    id: `drift-${report.id}`,
    width: 960,
    height,
    title: `Drift per column seen by the monitor ${report.monitor}`,
    description: shown
      .map((check) => `${check.column}: ${TEXT[check.drift.verdict]}, ${check.drift.evidence}`)
      .join('; '),
    body: html`${minEffect !== null && html`<line class="limit" x1="${at(x(minEffect))}" x2="${at(x(minEffect))}" y1="0" y2="${height - 16}"/><text class="tick" x="${at(x(minEffect))}" y="${height - 3}" text-anchor="middle">least effect that counts: ${formatNumber(minEffect, 3)}</text>`}${shown.map((check, index) => bar(check, { x, left, y: index * ROW + 8 }))}`,
    caption: html`Drift of the last ${formatNumber(report.windowRows)} rows against ${report.reference}: the bar is the size of the effect, p is adjusted for the number of columns looked at.${sorted.length > shown.length && html` ${sorted.length - shown.length} columns with smaller effects are in the table only.`}`,
  })}${behind(numbers(sorted))}`;
}

const size = (check: ColumnCheck) => (Number.isFinite(check.drift.effect) ? Math.abs(check.drift.effect) : 0);

function bar(check: ColumnCheck, { x, left, y }: { x: (value: number) => number; left: number; y: number }): Html {
  const { verdict, pValueAdjusted } = check.drift;
  const end = Math.max(left + 2, x(size(check)));
  return html`<text class="label" x="${left - 10}" y="${at(y + 15)}" text-anchor="end">${shorten(check.column, 22)}</text><rect class="bar ${verdict}" x="${left}" y="${at(y)}" width="${at(end - left)}" height="20" rx="3"/><text class="label" x="${at(end + 8)}" y="${at(y + 15)}">${formatNumber(size(check), 3)} · p ${formatP(pValueAdjusted)} · ${TEXT[verdict]}</text>`;
}

function numbers(checks: readonly ColumnCheck[]): Html {
  const tone = { drift: 'bad', 'no-drift': 'good', insufficient: 'warn' } as const;
  const share = (count: number, check: ColumnCheck) => formatRatio(check.rows === 0 ? null : count / check.rows);
  return table(
    'Every column',
    [
      'Column',
      'Verdict',
      'What moved',
      'Effect',
      num('p adjusted'),
      num('Missing'),
      num('Unseen'),
      num('Out of range'),
    ],
    checks.map((check) => [
      check.column,
      pill(tone[check.drift.verdict], TEXT[check.drift.verdict]),
      check.drift.evidence,
      `${check.drift.effectName} ${formatNumber(check.drift.effect, 3)} (${check.drift.test})`,
      formatP(check.drift.pValueAdjusted),
      share(check.missing, check),
      share(check.unseen, check),
      share(check.outOfRange, check),
    ]),
  );
}
