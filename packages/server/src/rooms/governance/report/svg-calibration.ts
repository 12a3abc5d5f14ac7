import { type Html, html } from '../../../platform/http/index.js';
import type { ClassificationReport } from '../../evaluation/index.js';
import { countOf, formatNumber, formatRatio } from './format-values.js';
import { behind, num, table } from './page-parts.js';
import { type Axes, at, chart, gridX, gridY, linear } from './svg-parts.js';

const SIZE = { width: 520, height: 400 };
const FIFTHS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** How often what was predicted with a probability came true; the diagonal is perfect. Dots grow with their rows. */
export function calibrationChart({ calibration, labels }: ClassificationReport): Html {
  const bins = calibration.filter(({ predicted, observed, rows }) => rows > 0 && Number.isFinite(predicted + observed));
  const [left, right, top, bottom] = [56, 492, 16, 348];
  const axes: Axes = { x: linear([0, 1], [left, right]), y: linear([0, 1], [bottom, top]), left, right, top, bottom };
  const { x, y } = axes;
  const most = Math.max(1, ...bins.map(({ rows }) => rows));
  const path = bins.map((bin, i) => `${i === 0 ? 'M' : 'L'}${at(x(bin.predicted))} ${at(y(bin.observed))}`).join(' ');
  // Of more than two labels the curve is about the one that was given.
  const positive = labels.length > 2 ? 'the label given' : `“${labels.at(-1) ?? ''}”`;
  return html`${chart({
    id: 'calibration',
    ...SIZE,
    title: 'Calibration curve',
    description: bins
      .map(
        (bin) =>
          `${formatRatio(bin.predicted)} predicted, ${formatRatio(bin.observed)} observed in ${countOf(bin.rows, 'row')}`,
      )
      .join('; '),
    body: html`${gridY(axes, FIFTHS, (v) => formatRatio(v))}${gridX(axes, FIFTHS, (v) => formatRatio(v))}<line class="ideal" x1="${left}" y1="${bottom}" x2="${right}" y2="${top}"/><path class="line" d="${path}"/>${bins.map(
      (bin) =>
        html`<circle class="dot" cx="${at(x(bin.predicted))}" cy="${at(y(bin.observed))}" r="${at(3 + 7 * Math.sqrt(bin.rows / most))}"/>`,
    )}<text class="label" x="${at((left + right) / 2)}" y="${SIZE.height - 12}" text-anchor="middle">predicted probability of ${positive}</text>`,
    caption: html`Calibration: how often ${positive} came true (upwards) when it was predicted with a probability (to the right). On the dashed line both agree; larger dots stand for more rows.`,
  })}${behind(
    table(
      'Calibration by bin of predicted probability',
      [num('Mean predicted'), num('Observed'), num('Rows')],
      bins.map((bin) => [formatNumber(bin.predicted), formatNumber(bin.observed), formatNumber(bin.rows)]),
    ),
  )}`;
}
