import { type Html, html } from '../../platform/http/index.js';
import type { Batch } from '../../rooms/serving/index.js';
import type { HomePageView } from './home-page-types.js';
import { ago, chip, named, type Tone } from './words.js';

const TONES: Readonly<Record<Batch['job']['state'], Tone>> = {
  queued: 'calm',
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'calm',
};

/** The newest files that were answered row by row; nothing when there never was one. */
export function renderBatches({ batches, atMs }: HomePageView): Html | false {
  if (batches.length === 0) return false;
  return html`<section class="card" aria-labelledby="batches">
  <h2 id="batches">Batches</h2>
  ${batches.map((batch) => renderBatch(batch, atMs))}
</section>`;
}

function renderBatch({ request, target, job }: Batch, nowMs: number): Html {
  const { state, progress, error, createdAtMs } = job;
  const by = target.endpoint ?? target.model;
  return html`<article>
  <h3>${named(fileName(request.output))}</h3> ${chip(state, TONES[state])}
  <p class="meta">${named(fileName(request.input))} answered by ${named(by)} v${target.version} · ${ago(createdAtMs, nowMs)}</p>
  ${state === 'running' && html`<p class="waits">${progress.message}</p>`}
  ${state === 'failed' && error !== undefined && html`<p class="fault"><code>${error.code}</code> ${error.message} <span class="remedy">${error.remedy}</span></p>`}
</article>`;
}

const fileName = (path: string) => path.split(/[\\/]/).at(-1) ?? path;
