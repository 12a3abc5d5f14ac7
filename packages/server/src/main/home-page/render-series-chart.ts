import { type Html, html } from '../../platform/http/index.js';
import { counted } from './words.js';

export interface ChartPoint {
  /** What made the value: a line is not drawn from one group to the next. */
  readonly group: string;
  /** For the ends of the axis. */
  readonly label: string;
  readonly value: number | null;
  readonly band: readonly [lower: number, upper: number] | null;
  readonly expected: number;
  readonly failed: boolean;
}

export interface SeriesChart {
  readonly title: string;
  readonly note: string;
  /** In order of time, at least one. */
  readonly points: readonly ChartPoint[];
  readonly format: (value: number) => string;
  /** What values can be at all. */
  readonly limits: readonly [number, number];
}

const WIDTH = 600;
const HEIGHT = 150;
const PADDING_X = 12;
const PADDING_RATIO = 0.08;

/** Stretched to the column, so all texts stand outside the drawing and lines keep their width. */
export function renderSeriesChart({ title, note, points, format, limits }: SeriesChart): Html {
  const [low, high] = rangeOf(points, limits);
  const place = scales(points.length, [low, high]);
  const runs = runsOf(points);
  const last = points.at(-1);
  const known = points.findLast(({ value }) => value !== null);
  const latest = format(known?.value ?? Number.NaN);
  const expected = format(last?.expected ?? Number.NaN);
  const words = `${title} over ${counted(points.length, 'window')}, ${latest} in the latest; expected ${expected}.`;
  return html`<figure class="chart">
  <figcaption><b>${title}</b> <span class="last">${latest}</span> <span class="meta">${runs.length > 1 && html`${known?.group}, `}expected ${expected} · ${note}</span></figcaption>
  <div class="plot"><div class="axis-y" aria-hidden="true"><span>${format(high)}</span><span>${format(low)}</span></div>
  <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${words}">
    <path class="grid" d="M0 0.5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}"/>
    ${runs.slice(1).map((run) => html`<path class="change" d="M${place.middle(run.start)} 0V${HEIGHT}"/>`)}
    ${runs.map((run) => renderRun(run, place))}
  </svg></div>
  <div class="axis-x" aria-hidden="true"><span>${points[0]?.label} <b>${runs[0]?.group}</b></span>
    ${runs.length > 1 && html`<span class="changes">${runs.slice(1).map((run) => html` │ <b>${run.group}</b> from ${run.points[0]?.label}`)}</span>`}
    <span>${last?.label}</span></div>
</figure>`;
}

interface Run {
  readonly group: string;
  readonly start: number;
  readonly points: ChartPoint[];
}

interface Scales {
  x(index: number): string;
  y(value: number): string;
  /** Half way between a point and the one before. */
  middle(index: number): string;
}

function renderRun({ start, points }: Run, { x, y }: Scales): Html {
  const at = (i: number, value: number) => `${x(start + i)} ${y(value)}`;
  const known = points.flatMap((point, i) => (point.value === null ? [] : [{ ...point, value: point.value, i }]));
  const banded = known.flatMap(({ band, i }) => (band === null ? [] : [{ band, i }]));
  const upper = banded.map(({ band, i }) => at(i, band[1]));
  const lower = banded.map(({ band, i }) => at(i, band[0])).reverse();
  const line = known.map(({ value, i }) => at(i, value)).join('L');
  const expected = points.map((point, i) => at(i, point.expected)).join('L');
  // A single point has no line: a short stroke shows what is expected there.
  const dots = known.map(
    ({ value, i, failed }) => html`<path class="point${failed && ' failed'}" d="M${at(i, value)}h0.01"/>`,
  );
  return html`${upper.length > 1 && html`<path class="band" d="M${[...upper, ...lower].join('L')}Z"/>`}
    ${upper.length === 1 && html`<path class="whisker" d="M${upper[0]}L${lower[0]}"/>`}
    <path class="expected" d="M${expected}${points.length === 1 && `m${-PADDING_X} 0h${2 * PADDING_X}`}"/>
    ${line !== '' && html`<path class="line" d="M${line}"/>`}${dots}`;
}

/** Neighbours of one group, in order. */
function runsOf(points: readonly ChartPoint[]): Run[] {
  const runs: Run[] = [];
  points.forEach((point, i) => {
    const last = runs.at(-1);
    if (last?.group === point.group) last.points.push(point);
    else runs.push({ group: point.group, start: i, points: [point] });
  });
  return runs;
}

function rangeOf(points: readonly ChartPoint[], [least, most]: readonly [number, number]): [number, number] {
  const values = points
    .flatMap(({ value, band, expected }) => [value, expected, ...(band ?? [])])
    .filter((value): value is number => value !== null && Number.isFinite(value));
  if (values.length === 0) return [least, most];
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const padding = Math.max(0.01, (high - low) * PADDING_RATIO);
  return [Math.max(least, low - padding), Math.min(most, high + padding)];
}

function scales(points: number, [low, high]: readonly [number, number]): Scales {
  const step = points > 1 ? (WIDTH - 2 * PADDING_X) / (points - 1) : 0;
  const x = (index: number) => (points > 1 ? PADDING_X + index * step : WIDTH / 2);
  return {
    x: (index) => x(index).toFixed(1),
    y: (value) => (HEIGHT - ((value - low) / (high - low)) * HEIGHT).toFixed(1),
    middle: (index) => (x(index) - step / 2).toFixed(1),
  };
}
