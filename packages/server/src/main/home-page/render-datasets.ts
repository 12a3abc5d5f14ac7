import { type Html, html } from '../../platform/http/index.js';
import type { DatasetView, HomePageView } from './home-page-types.js';
import { ago, chip, count, counted, named } from './words.js';

/** Datasets with their latest version and what stands in quarantine. */
export function renderDatasets({ datasets, atMs }: HomePageView): Html {
  return html`<section class="card" aria-labelledby="datasets">
  <h2 id="datasets">Datasets</h2>
  ${datasets.length === 0 && html`<p class="quiet">No dataset is declared.</p>`}
  ${datasets.map((view) => renderDataset(view, atMs))}
</section>`;
}

function renderDataset({ dataset, version, deliveries }: DatasetView, nowMs: number): Html {
  const quarantined = deliveries.reduce((rows, delivery) => rows + delivery.rejectedRows, 0);
  const last = deliveries[0];
  return html`<div class="dataset">
  <h3>${named(dataset.name)} ${last?.outcome === 'refused' && chip('last delivery refused', 'warn')}</h3>
  ${
    version === null
      ? html`<p class="quiet">No delivery was accepted yet.</p>`
      : html`<dl class="facts">
    <div><dt>Version</dt><dd>${version.number}</dd></div>
    <div><dt>Rows</dt><dd>${count(version.rows)}</dd></div>
    <div><dt>Quarantine</dt><dd class="${quarantined > 0 && 'warn'}">${count(quarantined)}</dd></div>
  </dl>`
  }
  ${
    last !== undefined &&
    html`<p class="meta">${counted(deliveries.length, 'delivery', 'deliveries')}, the last ${ago(last.receivedAtMs, nowMs)}:
    ${counted(last.acceptedRows, 'row')} accepted, ${count(last.rejectedRows)} rejected</p>`
  }
</div>`;
}
