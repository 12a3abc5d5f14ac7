import { type Html, html } from '../../platform/http/index.js';
import type { HomePageView } from './home-page-types.js';
import { renderShell } from './page-shell.js';
import { renderAlerts } from './render-alerts.js';
import { renderBatches } from './render-batches.js';
import { renderDatasets } from './render-datasets.js';
import { renderEmpty } from './render-empty.js';
import { renderEndpoints } from './render-endpoints.js';
import { renderEvents } from './render-ledger.js';
import { renderModels } from './render-models.js';
import { renderReleases } from './render-releases.js';
import { renderRuns } from './render-runs.js';
import { counted, moment, type Tone } from './words.js';

export interface PageOptions {
  readonly nonce: string;
  /** Null: the page stands still. */
  readonly refreshSeconds: number | null;
}

/** The whole page, from what was read to HTML. */
export function renderPage(view: HomePageView, { nonce, refreshSeconds }: PageOptions): Html {
  return renderShell({
    ...{ nonce, refreshSeconds, title: titleOf(view), condition: !view.empty && renderCondition(view) },
    main: view.empty ? renderEmpty() : renderContent(view),
    footer: html`Fairlead ${view.version} · read at ${moment(view.atMs)} ·
  ${refreshSeconds === null ? html`<a href="/">let it refresh</a>` : html`refreshes every ${refreshSeconds} s · <a href="/?static">hold still</a>`}`,
  });
}

function renderContent(view: HomePageView): Html {
  return html`<h1 class="unseen">What runs, what serves, what waits</h1>
<div class="columns">
  <div class="column">
    ${renderEndpoints(view)}
    ${renderRuns(view)}
    ${renderBatches(view)}
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
  const paused = view.releases.waiting.filter(({ rollout }) => rollout?.paused != null).length;
  const running = view.runs.filter(({ state }) => state === 'running' || state === 'queued').length;
  const facts = [
    down > 0 && `${counted(down, 'endpoint')} cannot answer`,
    view.alerts.length > 0 && `${counted(view.alerts.length, 'alert')} open`,
    signatures > 0 && `${counted(signatures, 'release')} to sign`,
    paused > 0 && `${counted(paused, 'rollout')} paused`,
    running > 0 && `${counted(running, 'pipeline run')} under way`,
  ].filter((fact) => fact !== false);
  if (facts.length === 0) return { tone: 'good', text: 'All is well' };
  const tone = down > 0 || critical ? 'bad' : view.alerts.length + signatures + paused > 0 ? 'warn' : 'busy';
  return { tone, text: facts.join(' · ') };
}

function titleOf(view: HomePageView): string {
  return view.alerts.length > 0 ? `(${view.alerts.length}) Fairlead` : 'Fairlead';
}
