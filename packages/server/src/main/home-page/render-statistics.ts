import { type Html, html } from '../../platform/http/index.js';
import type { DeploymentStatistics } from '../../rooms/serving/index.js';
import type { EndpointView } from './home-page-types.js';
import { count, decimal } from './words.js';

/** Counters since the server started, of every version for itself: a sum would hide that one of them is ill. */
export function renderStatistics({ statistics, routing }: EndpointView): Html | false {
  const busy = statistics.filter(({ requests, rejectedInputs }) => requests + rejectedInputs > 0);
  if (busy.length === 0) return false;
  const shadows = new Set(routing?.shadows);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Requests by version"><table class="counters">
  <thead><tr><th scope="col">since the start of the server</th><th scope="col">requests</th><th scope="col">errors</th><th scope="col">refused inputs</th><th scope="col">p50</th><th scope="col">p99</th></tr></thead>
  <tbody>${busy.map((of) => renderVersion(of, shadows.has(of.deploymentId)))}</tbody></table></div>`;
}

function renderVersion(of: DeploymentStatistics, shadow: boolean): Html {
  const { version, requests, errors, rejectedInputs, latencyMs } = of;
  return html`<tr><th scope="row">v${version}${shadow && ' (copies, as a shadow)'}</th><td>${count(requests)}</td><td${errors > 0 && html` class="bad"`}>${count(errors)}</td>
    <td>${count(rejectedInputs)}</td><td>${latency(latencyMs.p50)}</td><td>${latency(latencyMs.p99)}</td></tr>`;
}

const latency = (valueMs: number) => `${decimal(valueMs, valueMs < 10 ? 1 : 0)} ms`;
