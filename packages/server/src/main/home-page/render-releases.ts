import { type Html, html } from '../../platform/http/index.js';
import type { GateResult, Release, ReleaseState, Signature, Waiver } from '../../rooms/release/index.js';
import type { HomePageView } from './home-page-types.js';
import { reportPath } from './render-models.js';
import { ago, chip, named, percent, type Tone } from './words.js';

const TONES: Readonly<Record<ReleaseState, Tone>> = {
  testing: 'busy',
  'gates-failed': 'bad',
  'awaiting-approval': 'warn',
  approved: 'busy',
  'rolling-out': 'busy',
  released: 'good',
  rejected: 'bad',
  expired: 'calm',
  'rolled-back': 'warn',
  superseded: 'calm',
  failed: 'bad',
};
const SIGNS: Readonly<Record<GateResult['verdict'], string>> = { pass: '✓', fail: '✕', insufficient: '?' };

/** Releases that wait for something, with what it is; then the newest that ended, with the verdict of every gate. */
export function renderReleases({ releases, atMs }: HomePageView): Html {
  const { waiting, recent } = releases;
  return html`<section class="card" aria-labelledby="releases">
  <h2 id="releases">Releases</h2>
  ${waiting.length + recent.length === 0 && html`<p class="quiet">No release was asked for yet.</p>`}
  ${waiting.map((release) => renderRelease(release, atMs))}
  ${recent.map((release) => renderRelease(release, atMs))}
</section>`;
}

function renderRelease(release: Release, nowMs: number): Html {
  const { model, version, endpoint, state, waitingFor, endedBecause, rollout } = release;
  return html`<article class="release">
  <h3><a href="${reportPath(model, version)}">${named(model)} v${version}</a> ${chip(state.replaceAll('-', ' '), TONES[state])}</h3>
  ${waitingFor !== null && html`<p class="waits"><b>Waits for</b> ${waitingFor}</p>`}
  ${endedBecause !== null && html`<p class="meta">${endedBecause}</p>`}
  ${state === 'rolling-out' && rollout !== null && html`<p class="waits"><b>Canary at ${percent(rollout.weight)}</b> ${rollout.note}</p>`}
  ${release.gates.length > 0 && html`<ul class="gates" aria-label="Gates">${release.gates.map(renderGate)}</ul>`}
  ${release.waivers?.map(renderWaiver)}
  <p class="meta">${named(endpoint)} · ${ago(release.updatedAtMs, nowMs)} · asked by ${named(release.requestedBy)}${release.signatures.map(renderSignature)}</p>
</article>`;
}

function renderGate({ title, kind, verdict, observed, required }: GateResult): Html {
  return html`<li class="gate ${verdict}" title="${title}: ${observed}; required: ${required}">
    <span aria-hidden="true">${SIGNS[verdict]}</span> ${kind}<span class="unseen">: ${verdict}, ${observed}</span></li>`;
}

function renderWaiver({ kind, person, role, reason, expiresAtMs }: Waiver): Html {
  const until = new Date(expiresAtMs).toISOString().slice(0, 10);
  return html`<p class="waits"><b>${kind} waived</b> by ${named(person)} (${role}) until ${until}: ${reason}</p>`;
}

function renderSignature({ person, role, meaning }: Signature): Html {
  return html` · ${meaning === 'approved' ? 'signed' : 'rejected'} by ${named(person)} (${role})`;
}
