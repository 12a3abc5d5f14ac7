import { type Html, html } from '../../platform/http/index.js';
import type { MonitorReport } from '../../rooms/monitoring/index.js';
import type { Release } from '../../rooms/release/index.js';
import type { RoutingTable, Stream } from '../../rooms/serving/index.js';
import type { EndpointView, HomePageView } from './home-page-types.js';
import { renderQuality } from './render-quality.js';
import { releasePath, stateChip } from './render-releases.js';
import { renderStatistics } from './render-statistics.js';
import { rolloutWords } from './rollout-words.js';
import { ago, chip, counted, named, percent } from './words.js';

const COLOURS = 4;
const COLUMNS_SHOWN = 3;

/** Endpoints with who answers now, how well, and what comes next. */
export function renderEndpoints({ endpoints, atMs }: HomePageView): Html {
  return html`<section class="card" aria-labelledby="endpoints">
  <h2 id="endpoints">Endpoints</h2>
  ${endpoints.length === 0 && html`<p class="quiet">No endpoint is declared.</p>`}
  ${endpoints.map((view) => renderEndpoint(view, atMs))}
</section>`;
}

function renderEndpoint(view: EndpointView, nowMs: number): Html {
  const { endpoint, routing, unavailable } = view;
  return html`<article class="endpoint">
  <header><h3>${named(endpoint.name)}</h3> ${chip(unavailable === null ? 'serving' : routing === null ? 'not live' : 'unavailable', unavailable === null ? 'good' : routing === null ? 'calm' : 'bad')}
    ${endpoint.description !== '' && html`<p class="meta">${endpoint.description}</p>`}</header>
  ${unavailable !== null && html`<p class="quiet">${unavailable}</p>`}
  ${routing !== null && renderRouting(view, routing, nowMs)}
  ${view.pending !== null && renderPending(view.pending)}
  ${view.elsewhere.map((table) => renderElsewhere(table, nowMs))}
  ${view.streams.map(renderStream)}
  ${renderStatistics(view)}
  ${renderQuality(view)}
  ${view.lastReport !== null && renderReport(view.lastReport, nowMs)}
</article>`;
}

function renderPending(release: Release): Html {
  const { id, version, rollout, state, waitingFor, reason } = release;
  const what = state === 'rolling-out' && rollout !== null ? `${rolloutWords(release, rollout)}: ` : '';
  return html`<p class="waits"><a href="${releasePath(id)}">Release of v${version}</a> ${stateChip(release)}
    ${what}${waitingFor === null ? (rollout?.note ?? reason) : html`waits for ${waitingFor}`}</p>`;
}

function renderElsewhere({ environment, entries, setAtMs }: RoutingTable, nowMs: number): Html {
  const shares = entries
    .map(({ version, weight }) => `v${version}${weight === 1 ? '' : ` ${percent(weight)}`}`)
    .join(', ');
  return html`<p class="meta">in ${named(environment)}: ${shares}, since ${ago(setAtMs, nowMs)}</p>`;
}

const STREAM_TONES = { running: 'good', paused: 'calm', connecting: 'warn', stopped: 'bad' } as const;

function renderStream({ spec, status }: Stream): Html {
  const { state, error, answered, deadLettered, lag } = status;
  return html`<p class="meta">${chip(state, STREAM_TONES[state])} stream ${named(spec.name)}${spec.environment !== 'production' && html` in ${named(spec.environment)}`}:
    ${counted(answered, 'message')} answered, ${counted(deadLettered, 'dead letter')}${lag !== null && html`, ${counted(lag, 'message')} waiting`}${error !== null && html` · ${error}`}</p>`;
}

function renderRouting({ statistics }: EndpointView, routing: RoutingTable, nowMs: number): Html {
  const shadows = routing.shadows.map((id) => statistics.find(({ deploymentId }) => deploymentId === id)?.version);
  let x = 0;
  const parts = routing.entries.map((entry, i) => {
    const left = x;
    x += entry.weight * 100;
    return html`<rect class="share-${i % COLOURS}" x="${left.toFixed(2)}" width="${(entry.weight * 100).toFixed(2)}" height="10"/>`;
  });
  const legend = routing.entries.map(
    ({ version, weight }, i) =>
      html`<li><i class="share-${i % COLOURS}"></i><b>v${version}</b> ${percent(weight)}${weight === 0 && ', kept loaded'}</li>`,
  );
  const words = routing.entries.map(({ version, weight }) => `version ${version} ${percent(weight)}`).join(', ');
  return html`<div class="routing">
  <svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="Share of the requests: ${words}">${parts}</svg>
  <ul class="legend">${legend}${shadows.map((version) => html`<li class="shadow">${version === undefined ? 'a shadow' : html`<b>v${version}</b> shadow`}: gets copies</li>`)}</ul>
  <p class="meta">since ${ago(routing.setAtMs, nowMs)}, set by ${named(routing.setBy)}: ${renderReason(routing.reason)}</p>
</div>`;
}

const OF_RELEASE = /^release ([0-9a-f]{32}): /;

/** A reason that names a release links to it instead. */
function renderReason(reason: string): Html | string {
  const [whole, id] = OF_RELEASE.exec(reason) ?? [];
  if (whole === undefined || id === undefined) return reason;
  return html`${reason.slice(whole.length)} (<a href="${releasePath(id)}">release</a>)`;
}

function renderReport(report: MonitorReport, nowMs: number): Html {
  const { drifted, driftVerdict, columns, output } = report;
  const tone = driftVerdict === 'drift' ? 'bad' : driftVerdict === 'no-drift' ? 'good' : 'calm';
  const text =
    driftVerdict === 'insufficient'
      ? 'too few rows to judge drift'
      : `${drifted.columns} of ${drifted.judged} columns drifted`;
  const worst = [...columns, ...(output === null ? [] : [output])]
    .filter(({ drift }) => drift.verdict === 'drift')
    .sort((a, b) => Math.abs(b.drift.effect) - Math.abs(a.drift.effect))
    .slice(0, COLUMNS_SHOWN);
  return html`<div class="report">
  <p>${chip(text, tone)} <span class="meta">last look at ${counted(report.windowRows, 'row')} of v${report.version},
    ${ago(report.createdAtMs, nowMs)}, against ${report.reference}</span></p>
  ${worst.length > 0 && html`<ul class="evidence">${worst.map(({ column, drift }) => html`<li>${named(column)} ${drift.evidence}</li>`)}</ul>`}
</div>`;
}
