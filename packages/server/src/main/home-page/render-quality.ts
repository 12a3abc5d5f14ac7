import { type Html, html } from '../../platform/http/index.js';
import type { PerformanceWindow } from '../../rooms/monitoring/index.js';
import type { EndpointView } from './home-page-types.js';
import { type ChartPoint, renderSeriesChart } from './render-series-chart.js';
import { counted, day, decimal, percent } from './words.js';

/** Accuracy and Brier score over time, beside what the evaluation promised; and the same as a table. */
export function renderQuality({ quality, routing, windowRows }: EndpointView): Html | false {
  if (routing === null) return false;
  if (quality.length === 0)
    return html`<p class="quiet">Accuracy appears when ground truth of ${counted(windowRows, 'prediction')} is posted.</p>`;
  const { shown, together } = byVersion(quality);
  const beside = together ? '; the versions answer at the same time and stand one after the other' : '';
  return html`<div class="charts">
  ${renderSeriesChart({
    title: 'Accuracy',
    note: `windows of ${counted(windowRows, 'prediction')} with truth, 95 % Wilson interval${beside}`,
    points: shown.map(accuracyPoint),
    format: percent,
    limits: [0, 1],
  })}
  ${renderSeriesChart({
    title: 'Brier score',
    note: 'lower is better',
    points: shown.map(brierPoint),
    format: (value) => decimal(value, 2),
    limits: [0, 1],
  })}
</div>
${renderTable(quality)}`;
}

/** Windows of versions that answer at the same time alternate: a line for each tells more than a change at every point. */
function byVersion(quality: readonly PerformanceWindow[]): { shown: readonly PerformanceWindow[]; together: boolean } {
  const versions = [...new Set(quality.map(({ version }) => version))];
  const changes = quality.filter(({ version }, i) => i > 0 && quality[i - 1]?.version !== version).length;
  if (changes < versions.length) return { shown: quality, together: false };
  return { shown: versions.flatMap((of) => quality.filter(({ version }) => version === of)), together: true };
}

function accuracyPoint(window: PerformanceWindow): ChartPoint {
  const { accuracy, expectedAccuracy } = window;
  return {
    ...placeOf(window),
    value: accuracy?.estimate ?? null,
    band: accuracy === null ? null : [accuracy.lower, accuracy.upper],
    expected: expectedAccuracy,
  };
}

function brierPoint(window: PerformanceWindow): ChartPoint {
  return { ...placeOf(window), value: window.brier, band: null, expected: window.expectedBrier };
}

function placeOf({ version, untilMs, verdict }: PerformanceWindow) {
  return { group: `v${version}`, label: day(untilMs), failed: verdict === 'fail' };
}

function renderTable(quality: readonly PerformanceWindow[]): Html {
  const rows = quality.map(
    ({ version, fromMs, untilMs, withTruth, accuracy, expectedAccuracy, brier, expectedBrier }) => html`<tr>
    <td>${day(fromMs)} – ${day(untilMs)}</td><td>v${version}</td><td>${withTruth}</td>
    <td>${accuracy === null ? '–' : `${percent(accuracy.estimate)} (${percent(accuracy.lower)} – ${percent(accuracy.upper)})`}</td><td>${percent(expectedAccuracy)}</td>
    <td>${brier === null ? '–' : decimal(brier, 3)}</td><td>${decimal(expectedBrier, 3)}</td></tr>`,
  );
  return html`<details><summary>The numbers</summary><div class="scroll" tabindex="0" role="region" aria-label="Quality by window"><table>
  <thead><tr><th>Window</th><th>Version</th><th>Truths</th><th>Accuracy</th><th>expected</th><th>Brier</th><th>expected</th></tr></thead>
  <tbody>${rows}</tbody></table></div></details>`;
}
