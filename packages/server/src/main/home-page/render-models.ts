import { type Html, html } from '../../platform/http/index.js';
import type { HomePageView, ModelView } from './home-page-types.js';
import { ago, chip, named } from './words.js';

const VERSIONS = 4;

/** The newest versions of every model, each with its report. */
export function renderModels({ models, atMs }: HomePageView): Html | false {
  if (models.length === 0) return false;
  return html`<section class="card" aria-labelledby="models">
  <h2 id="models">Models</h2>
  ${models.map((view) => renderModel(view, atMs))}
</section>`;
}

function renderModel({ model, versions }: ModelView, nowMs: number): Html {
  const older = versions.length - VERSIONS;
  return html`<h3>${named(model.name)}</h3>
  <ul class="rows">${versions.slice(0, VERSIONS).map(
    (version) => html`<li>
      <span><b>v${version.version}</b> ${version.source.trainer}
        ${Object.entries(model.aliases).map(([alias, number]) => number === version.version && chip(alias, 'busy'))}</span>
      <span class="meta">${ago(version.createdAtMs, nowMs)}
        <a href="${reportPath(model.name, version.version)}">Report<span class="unseen"> of ${model.name} version ${version.version}</span></a></span>
    </li>`,
  )}</ul>
  ${older > 0 && html`<p class="quiet">and ${older} older</p>`}`;
}

/** Where governance answers with the report of a version. */
export function reportPath(model: string, version: number): string {
  return `/api/v1/models/${encodeURIComponent(model)}/versions/${version}/report`;
}
