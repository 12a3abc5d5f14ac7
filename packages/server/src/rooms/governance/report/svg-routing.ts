import { type Html, html } from '../../../platform/http/index.js';
import type { RoutingTable } from '../../serving/index.js';
import { formatRatio, formatTime } from './format-values.js';
import { behind, num, table } from './page-parts.js';
import { type Axes, at, chart, gridY, linear } from './svg-parts.js';

const MAX_CHANGES = 24;

/** Who answered which share of the requests after each change of routing; the given version is drawn in full. */
export function routingChart(history: readonly RoutingTable[], version: number): Html {
  const shown = history.slice(-MAX_CHANGES);
  const [first] = shown;
  if (first === undefined) return html``;
  const [width, left, right, top, bottom] = [960, 56, 944, 12, 220];
  const axes: Axes = { x: (v) => v, y: linear([0, 1], [bottom, top]), left, right, top, bottom };
  const step = Math.min(160, (right - left) / shown.length);
  const { endpoint, environment } = first;
  return html`${chart({
    id: `routing-${endpoint}-${environment}`,
    width,
    height: 276,
    title: `Routing of ${endpoint} in ${environment}`,
    description: shown.map((routing) => `${formatTime(routing.setAtMs)}: ${shares(routing)}`).join('; '),
    body: html`${gridY(axes, [0, 0.25, 0.5, 0.75, 1], (v) => formatRatio(v))}${shown.map((routing, index) => stack(routing, { axes, version, x: left + index * step + 4, width: step - 8 }))}`,
    caption: html`Share of requests per version after each change of routing of “${endpoint}” in ${environment}, oldest left; the rightmost column is in force. Columns are changes, not equal lengths of time.${history.length > shown.length && html` The last ${shown.length} of ${history.length} changes are drawn.`}`,
  })}${behind(
    table(
      'Changes of routing',
      [num('Revision'), 'Since', 'Shares', 'Shadows', 'Reason', 'By'],
      [...history]
        .reverse()
        .map((routing) => [
          routing.revision,
          formatTime(routing.setAtMs),
          shares(routing),
          routing.shadows.length === 0 ? 'none' : routing.shadows.length,
          routing.reason,
          routing.setBy,
        ]),
    ),
  )}`;
}

const shares = ({ entries }: RoutingTable): string =>
  entries.map((entry) => `version ${entry.version} ${formatRatio(entry.weight)}`).join(', ') || 'nobody';

interface Place {
  readonly axes: Axes;
  readonly version: number;
  readonly x: number;
  readonly width: number;
}

function stack(routing: RoutingTable, { axes, version, x, width }: Place): Html {
  const { y, bottom } = axes;
  let below = 0;
  const parts = [...routing.entries]
    .sort((a, b) => a.version - b.version)
    .map((entry) => {
      const [from, until] = [below, below + entry.weight];
      below = until;
      const kind = entry.version === version ? 'ours' : 'other';
      const tall = y(from) - y(until);
      return html`<rect class="strip ${kind}" x="${at(x)}" y="${at(y(until))}" width="${at(width)}" height="${at(tall)}" rx="2"/>${tall > 16 && width > 24 && html`<text class="strip-label ${kind}" x="${at(x + width / 2)}" y="${at(y(until) + tall / 2 + 4)}" text-anchor="middle">v${entry.version}</text>`}`;
    });
  const [day, clock] = formatTime(routing.setAtMs).split(' ');
  const middle = at(x + width / 2);
  return html`${parts}${width > 62 && html`<text class="tick" x="${middle}" y="${at(bottom + 20)}" text-anchor="middle">${day}</text><text class="tick" x="${middle}" y="${at(bottom + 36)}" text-anchor="middle">${clock}</text>`}`;
}
