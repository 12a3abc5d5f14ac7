import { type Html, html } from '../../platform/http/index.js';
import type { HomePageView } from './home-page-types.js';
import { ago, chip, named } from './words.js';

/** Open alerts with their evidence; nothing at all is said in one quiet line. */
export function renderAlerts({ alerts, atMs }: HomePageView): Html {
  return html`<section class="card${alerts.length > 0 && ' some-alerts'}" aria-labelledby="alerts">
  <h2 id="alerts">Alerts</h2>
  ${alerts.length === 0 && html`<p class="quiet">No alert is open.</p>`}
  ${alerts.map(
    (alert) => html`<article class="alert ${alert.severity}">
    <h3>${alert.title}</h3>
    <p class="evidence">${alert.evidence}</p>
    <p class="meta">${chip(alert.kind, alert.severity === 'critical' ? 'bad' : 'warn')} ${named(alert.endpoint)} ·
      opened ${ago(alert.openedAtMs, atMs)}${alert.acknowledgedBy !== null && html` · taken by ${named(alert.acknowledgedBy)}`}</p>
  </article>`,
  )}
</section>`;
}
