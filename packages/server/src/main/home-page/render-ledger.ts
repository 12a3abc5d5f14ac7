import type { RecordedEvent } from '@fairlead/kernel';
import { type Html, html } from '../../platform/http/index.js';
import { describeEvent } from './event-words.js';
import type { HomePageView } from './home-page-types.js';
import { ago, named } from './words.js';

/** The newest entries of the audit log, in words. */
export function renderEvents({ events, atMs }: HomePageView): Html {
  return html`<section class="card" aria-labelledby="audit">
  <h2 id="audit">Audit log</h2>
  ${events === null && html`<p class="quiet">Your roles do not open the audit log.</p>`}
  ${events?.length === 0 && html`<p class="quiet">No change was made yet.</p>`}
  ${
    events !== null &&
    events.length > 0 &&
    html`<ol class="events">${events.map((event) => renderEvent(event, atMs))}</ol>
  <p class="meta more">Steps, tracked runs and truths stand in <a href="/api/v1/audit">the whole log</a>.</p>`
  }
</section>`;
}

function renderEvent(event: RecordedEvent, nowMs: number): Html {
  return html`<li class="${event.outcome}"><span class="seq">${event.seq}</span>
    <span>${named(event.actor.id)} ${describeEvent(event)}</span> ${ago(event.atMs, nowMs)}</li>`;
}
