import { type Html, html } from '../../platform/http/index.js';
import type { MonitorReport } from '../../rooms/monitoring/index.js';
import type { DeploymentStatistics, RoutingTable } from '../../rooms/serving/index.js';
import type { EndpointView, HomePageView } from './home-page-types.js';
import { renderQuality } from './render-quality.js';
import { ago, chip, counted, decimal, named, percent } from './words.js';

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
  const { endpoint, routing, unavailable, pending, statistics } = view;
  return html`<article class="endpoint">
  <header><h3>${named(endpoint.name)}</h3> ${chip(unavailable === null ? 'serving' : routing === null ? 'not live' : 'unavailable', unavailable === null ? 'good' : routing === null ? 'calm' : 'bad')}
    ${endpoint.description !== '' && html`<p class="meta">${endpoint.description}</p>`}</header>
  ${unavailable !== null && html`<p class="quiet">${unavailable}</p>`}
  ${routing !== null && renderRouting(routing, nowMs)}
  ${
    pending !== null &&
    html`<p class="waits"><b>v${pending.version} ${pending.state.replaceAll('-', ' ')}</b>
    ${pending.waitingFor ?? pending.rollout?.note ?? pending.reason}</p>`
  }
  ${renderStatistics(statistics)}
  ${renderQuality(view)}
  ${view.lastReport !== null && renderReport(view.lastReport, nowMs)}
</article>`;
}

function renderRouting(routing: RoutingTable, nowMs: number): Html {
  let x = 0;
  const parts = routing.entries.map((entry, i) => {
    const left = x;
    x += entry.weight * 100;
    return html`<rect class="share-${i % COLOURS}" x="${left.toFixed(2)}" width="${(entry.weight * 100).toFixed(2)}" height="10"/>`;
  });
  const legend = routing.entries.map(
    ({ version, weight }, i) =>
      html`<li><i class="share-${i % COLOURS}"></i><b>v${version}</b> ${percent(weight)}</li>`,
  );
  const words = routing.entries.map(({ version, weight }) => `version ${version} ${percent(weight)}`).join(', ');
  return html`<div class="routing">
  <svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="Share of the requests: ${words}">${parts}</svg>
  <ul class="legend">${legend}${routing.shadows.length > 0 && html`<li>${counted(routing.shadows.length, 'shadow')}</li>`}</ul>
  <p class="meta">since ${ago(routing.setAtMs, nowMs)}, set by ${named(routing.setBy)}: ${routing.reason}</p>
</div>`;
}

/** Counters since the server started, of all versions that serve. */
function renderStatistics(statistics: readonly DeploymentStatistics[]): Html | false {
  const total = (pick: (of: DeploymentStatistics) => number) => statistics.reduce((sum, of) => sum + pick(of), 0);
  const requests = total((of) => of.requests);
  if (requests === 0) return false;
  const p99 = Math.max(...statistics.map(({ latencyMs }) => latencyMs.p99));
  const refused = total((of) => of.rejectedInputs);
  return html`<p class="meta">since the start of the server: ${counted(requests, 'request')}, ${counted(
    total((of) => of.errors),
    'error',
  )}${refused > 0 && html`, ${counted(refused, 'refused input')}`},
    p99 ${decimal(p99, p99 < 10 ? 1 : 0)} ms</p>`;
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
