import { type Html, html, renderHtml, trustedHtml } from '../../../platform/http/index.js';
import type { CardField, ModelCard } from '../registry-types.js';
import { cardMetrics, shownNumber } from './card-metrics-rules.js';
import { CARD_STYLE } from './card-style.js';
import type { CardFacts, CardMetric } from './card-types.js';

/** Scripts, frames, forms and anything from elsewhere stay shut even when the file is opened from a disk. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The card as one HTML file without scripts and without anything to load. Equal facts give equal bytes. */
export function htmlCard(card: ModelCard, facts: CardFacts): string {
  const { model, version, fields, completenessRatio } = card;
  const metrics = cardMetrics(facts);
  const sections = [...new Set(fields.map(({ section }) => section))];
  const drawn = new Set(facts.report === null ? [] : metrics.map(({ name }) => name));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trustedHtml(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${model} ${version} – model card</title>
<style>${trustedHtml(CARD_STYLE)}</style>
</head>
<body>
<main>
<p class="brand">Fairlead · model card</p>
<h1>${model} <span>version ${version}</span></h1>
${facts.record.description !== '' && html`<p class="lead">${facts.record.description}</p>`}
${completeness(completenessRatio, fields)}
${sections.map((section) => sectionOf(section, { fields, metrics, drawn }))}
<footer>Facts come from stored records, texts from people; what nobody recorded or wrote is said to be missing. Times are UTC.</footer>
</main>
</body>
</html>
`;
  return renderHtml(page);
}

function completeness(ratio: number, fields: readonly CardField[]): Html {
  const open = fields.filter(({ source }) => source === 'missing').map(({ name }) => name);
  const percent = Math.floor(ratio * 100);
  return html`<div class="complete"><b>${percent} %</b><svg viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label="${percent} % complete"><rect class="track" width="100" height="4" rx="2"/><rect class="fill" width="${percent}" height="4" rx="2"/></svg></div>
${open.length > 0 && html`<p class="open">Missing: ${open.join(', ')}.</p>`}`;
}

interface Content {
  readonly fields: readonly CardField[];
  readonly metrics: readonly CardMetric[];
  /** Names of figures that the table shows, with their intervals, and the list need not. */
  readonly drawn: ReadonlySet<string>;
}

function sectionOf(section: string, { fields, metrics, drawn }: Content): Html {
  const listed = fields.filter(
    (field) => field.section === section && !(section === 'Quality' && drawn.has(field.name)),
  );
  return html`<section><h2>${section}</h2>
<dl>${listed.map(definition)}</dl>
${section === 'Quality' && drawn.size > 0 && metricTables(metrics)}</section>
`;
}

function definition({ name, value, source }: CardField): Html {
  const shown =
    value === null
      ? html`<span class="missing">missing</span>`
      : html`${/^sha256:|^[0-9a-f]{32,64}$/.test(value) ? html`<code>${value}</code>` : value}${source === 'human' && html`<span class="human">written by people</span>`}`;
  return html`<dt>${name}</dt><dd>${shown}</dd>`;
}

function metricTables(metrics: readonly CardMetric[]): readonly (Html | false)[] {
  const slices = metrics.filter(({ slice }) => slice !== null);
  return [
    metricTable(
      'Measure',
      metrics.filter(({ slice }) => slice === null).map((metric) => ({ metric, label: metric.name })),
    ),
    slices.length > 0 &&
      metricTable(
        'Slice',
        slices.map((metric) => ({ metric, label: `${metric.slice}: ${metric.name}` })),
      ),
  ];
}

function metricTable(title: string, rows: readonly { metric: CardMetric; label: string }[]): Html {
  const drawn = rows.map(
    ({ metric, label }) =>
      html`<tr><td>${label}</td><td class="number">${shownNumber(metric.value)}</td><td class="number">${intervalCell(metric)}</td><td>${intervalBar(metric)}</td></tr>`,
  );
  return html`<table><thead><tr><th>${title}</th><th class="number">Value</th><th class="number">Interval</th><th>0 to 1</th></tr></thead><tbody>${drawn}</tbody></table>`;
}

function intervalCell({ interval }: CardMetric): string {
  if (interval === null) return '';
  return `${shownNumber(interval.lower)} … ${shownNumber(interval.upper)} (${Number((interval.confidence * 100).toPrecision(4))} %)`;
}

/** The value and its interval on the scale from 0 to 1; measures with other scales have figures only. */
function intervalBar({ value, interval }: CardMetric): Html | false {
  const [low, high] = [interval?.lower ?? value, interval?.upper ?? value];
  if (value < 0 || value > 1 || low < 0 || high > 1) return false;
  const at = (share: number) => Number((4 + share * 142).toFixed(2));
  return html`<svg viewBox="0 0 150 16" role="img" aria-label="${shownNumber(low)} to ${shownNumber(high)}"><line class="axis" x1="4" x2="146" y1="8" y2="8"/>${interval !== null && html`<line class="span" x1="${at(low)}" x2="${at(high)}" y1="8" y2="8"/>`}<circle class="dot" cx="${at(value)}" cy="8" r="4"/></svg>`;
}
