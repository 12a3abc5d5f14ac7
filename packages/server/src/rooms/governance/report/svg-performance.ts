import { type Html, html } from '../../../platform/http/index.js';
import type { PerformanceWindow } from '../../monitoring/index.js';
import { formatDay, formatInterval, formatNumber, formatRatio } from './format-values.js';
import { behind, num, table, verdictPill } from './page-parts.js';
import { type Axes, at, chart, gridY, linear, ticks } from './svg-parts.js';

const WIDTH = 960;
/** Height of the strip of one version: answers of two versions may be about the same time, so each has its own. */
const LANE = 26;
const BOX = { left: 56, right: 944, top: 16, bottom: 268 };

export interface PerformanceChart {
  readonly endpoint: string;
  /** The version the report is about. */
  readonly version: number;
  readonly windows: readonly PerformanceWindow[];
}

type Scored = PerformanceWindow & { readonly accuracy: NonNullable<PerformanceWindow['accuracy']> };

/** Accuracy over time with its interval, and below which version gave the answers. */
export function performanceChart({ endpoint, version, windows }: PerformanceChart): Html {
  const scored = windows.filter((window): window is Scored => window.accuracy !== null);
  const lows = scored.map(({ accuracy, expectedAccuracy }) => Math.min(accuracy.lower, finite(expectedAccuracy, 1)));
  const floor = Math.max(0, Math.floor(Math.min(1, ...lows) * 10) / 10);
  const times = scored.map(middle);
  const axes: Axes = {
    ...BOX,
    x: linear([Math.min(...times), Math.max(...times)], [BOX.left + 12, BOX.right - 12]),
    y: linear([floor, 1], [BOX.bottom, BOX.top]),
  };
  const versions = [...new Set(scored.map((window) => window.version))].sort((a, b) => a - b);
  const under = BOX.bottom + 22 + versions.length * LANE;
  return html`${chart({
    id: `performance-${endpoint}`,
    width: WIDTH,
    height: under + 34,
    title: `Accuracy over time at the endpoint ${endpoint}`,
    description: scored
      .map(
        (window) => `${formatDay(window.fromMs)}: ${formatRatio(window.accuracy.estimate)}, version ${window.version}`,
      )
      .join('; '),
    body: html`${gridY(axes, ticks(floor, 1), (v) => formatRatio(v))}${runs(scored).map((run) => drawRun(run, axes, { ours: version, lane: versions.indexOf(run[0]?.version ?? 0) }))}${dates(scored, axes, under + 22)}`,
    caption: html`Accuracy by windows of answers whose truth is known, with its interval. Dashes: what the evaluation of the answering version promised. The strips below say which version answered when; version ${version} is drawn in full.`,
  })}${behind(numbers(scored))}`;
}

function numbers(windows: readonly Scored[]): Html {
  return table(
    'Accuracy by window',
    ['From', 'Until', num('Version'), num('Rows'), 'Accuracy', num('Promised'), num('Brier score'), 'Verdict'],
    windows.map((w) => [
      formatDay(w.fromMs),
      formatDay(w.untilMs),
      w.version,
      formatNumber(w.withTruth),
      formatInterval(w.accuracy),
      formatNumber(w.expectedAccuracy, 3),
      formatNumber(w.brier, 3),
      verdictPill(w.verdict),
    ]),
  );
}

const middle = (window: PerformanceWindow) => (window.fromMs + window.untilMs) / 2;
const finite = (value: number, otherwise: number) => (Number.isFinite(value) ? value : otherwise);

/** Neighbouring windows of the same version. */
function runs(windows: readonly Scored[]): Scored[][] {
  const groups: Scored[][] = [];
  for (const window of windows) {
    const last = groups.at(-1);
    if (last !== undefined && last[0]?.version === window.version) last.push(window);
    else groups.push([window]);
  }
  return groups;
}

function drawRun(run: readonly Scored[], { x, y, bottom }: Axes, { ours, lane }: { ours: number; lane: number }): Html {
  const top = bottom + 22 + lane * LANE;
  const kind = run[0]?.version === ours ? 'ours' : 'other';
  const point = (window: Scored, value: number) => `${at(x(middle(window)))} ${at(y(value))}`;
  const upper = run.map((window) => point(window, window.accuracy.upper));
  const lower = run.map((window) => point(window, window.accuracy.lower)).reverse();
  const line = run.map((window) => point(window, window.accuracy.estimate)).join(' L');
  const promised = run.filter((window) => Number.isFinite(window.expectedAccuracy));
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined) return html``;
  const [from, until] = [x(middle(first)) - 8, x(middle(last)) + 8];
  return html`<path class="band ${kind}" d="M${upper.join(' L')} L${lower.join(' L')} Z"/>${promised.length > 0 && html`<path class="promise" d="M${promised.map((window) => point(window, window.expectedAccuracy)).join(' L')}"/>`}<path class="line ${kind}" d="M${line}"/>${run.map(
    (window) =>
      html`<line class="whisker ${kind}" x1="${at(x(middle(window)))}" x2="${at(x(middle(window)))}" y1="${at(y(window.accuracy.lower))}" y2="${at(y(window.accuracy.upper))}"/><circle class="dot ${kind}" cx="${at(x(middle(window)))}" cy="${at(y(window.accuracy.estimate))}" r="4"/>`,
  )}<rect class="strip ${kind}" x="${at(from)}" y="${at(top)}" width="${at(until - from)}" height="20" rx="4"/><text class="strip-label ${kind}" x="${at((from + until) / 2)}" y="${at(top + 14)}" text-anchor="middle">v${first.version}</text>`;
}

function dates(windows: readonly Scored[], { x }: Axes, y: number): Html {
  const shown = [...new Set([0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * (windows.length - 1))))];
  return html`${shown.flatMap((index) => {
    const window = windows[index];
    if (window === undefined) return [];
    return [
      html`<text class="tick" x="${at(x(middle(window)))}" y="${at(y)}" text-anchor="${index === windows.length - 1 ? 'end' : index === 0 ? 'start' : 'middle'}">${formatDay(middle(window))}</text>`,
    ];
  })}`;
}
