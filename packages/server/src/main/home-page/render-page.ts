import { type Html, html, trustedHtml } from '../../platform/http/index.js';
import type { HomePageView } from './home-page-types.js';
import { PAGE_STYLE } from './page-style.js';
import { renderAlerts } from './render-alerts.js';
import { renderDatasets } from './render-datasets.js';
import { renderEmpty } from './render-empty.js';
import { renderEndpoints } from './render-endpoints.js';
import { renderEvents } from './render-ledger.js';
import { renderModels } from './render-models.js';
import { renderReleases } from './render-releases.js';
import { renderRuns } from './render-runs.js';
import { counted, type Tone } from './words.js';

export interface PageOptions {
  /** Allows the one style element under the page's content security policy. */
  readonly nonce: string;
  /** Null: the page stands still. */
  readonly refreshSeconds: number | null;
}

// A ring that holds a line: the fairlead itself.
const LOGO =
  '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><path d="M1 25C9 25 9 16 16 16s8-9 15-9"/><circle cx="16" cy="16" r="8"/></svg>';
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32' fill='none' stroke='%230b7285' stroke-width='3'%3E%3Cpath d='M1 25C9 25 9 16 16 16s8-9 15-9'/%3E%3Ccircle cx='16' cy='16' r='9'/%3E%3C/svg%3E";

/** The whole page, from what was read to HTML. */
export function renderPage(view: HomePageView, { nonce, refreshSeconds }: PageOptions): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refreshSeconds !== null && html`<meta http-equiv="refresh" content="${refreshSeconds}">`}
<title>${titleOf(view)}</title>
<link rel="icon" href="${ICON}">
<style nonce="${nonce}">${trustedHtml(PAGE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header class="top">
  <a class="brand" href="/">${trustedHtml(LOGO)}<span>Fairlead</span></a>
  ${!view.empty && renderCondition(view)}
  <nav aria-label="Elsewhere">
    <a href="/api/docs">API documents</a><a href="/api/openapi.json">OpenAPI</a><a href="/metrics">Metrics</a>
  </nav>
</header>
<main id="main">${view.empty ? renderEmpty() : renderContent(view)}</main>
<footer>Fairlead ${view.version} · read at ${new Date(view.atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC ·
  ${refreshSeconds === null ? html`<a href="/">let it refresh</a>` : html`refreshes every ${refreshSeconds} s · <a href="/?static">hold still</a>`}
</footer>
</body>
</html>
`;
}

function renderContent(view: HomePageView): Html {
  return html`<h1 class="unseen">What runs, what serves, what waits</h1>
<div class="columns">
  <div class="column">
    ${renderEndpoints(view)}
    ${renderRuns(view)}
  </div>
  <div class="column">
    ${renderAlerts(view)}
    ${renderReleases(view)}
    ${renderModels(view)}
    ${renderDatasets(view)}
    ${renderEvents(view)}
  </div>
</div>`;
}

/** The first thing to read: whether anything needs a person. */
function renderCondition(view: HomePageView): Html {
  const { tone, text } = conditionOf(view);
  return html`<p class="condition ${tone}" role="status"><i class="dot"></i>${text}</p>`;
}

function conditionOf(view: HomePageView): { tone: Tone; text: string } {
  const down = view.endpoints.filter(({ routing, unavailable }) => routing !== null && unavailable !== null).length;
  const critical = view.alerts.some(({ severity }) => severity === 'critical');
  const signatures = view.releases.waiting.filter(({ state }) => state === 'awaiting-approval').length;
  const running = view.runs.filter(({ state }) => state === 'running' || state === 'queued').length;
  const facts = [
    down > 0 && `${counted(down, 'endpoint')} cannot answer`,
    view.alerts.length > 0 && `${counted(view.alerts.length, 'alert')} open`,
    signatures > 0 && `${counted(signatures, 'release')} to sign`,
    running > 0 && `${counted(running, 'pipeline run')} under way`,
  ].filter((fact) => fact !== false);
  if (facts.length === 0) return { tone: 'good', text: 'All is well' };
  const tone = down > 0 || critical ? 'bad' : view.alerts.length + signatures > 0 ? 'warn' : 'busy';
  return { tone, text: facts.join(' · ') };
}

function titleOf(view: HomePageView): string {
  return view.alerts.length > 0 ? `(${view.alerts.length}) Fairlead` : 'Fairlead';
}
