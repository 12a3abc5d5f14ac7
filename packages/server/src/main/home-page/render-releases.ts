import { type Html, html } from '../../platform/http/index.js';
import type { GateResult, Release, ReleaseState, Signature, Waiver } from '../../rooms/release/index.js';
import type { HomePageView } from './home-page-types.js';
import { placeWords, rolloutWords } from './rollout-words.js';
import { ago, chip, named, type Tone } from './words.js';

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
  withdrawn: 'calm',
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
  const { id, model, version, state, waitingFor, endedBecause, rollout, gates } = release;
  const paused = rollout?.paused;
  // The name of a gate in a list of several of its kind says nothing.
  const failing = state === 'gates-failed' ? gates.filter(({ verdict }) => verdict !== 'pass') : [];
  return html`<article class="release">
  <h3><a href="${releasePath(id)}">${named(model)} v${version} → ${named(placeWords(release))}</a></h3> ${stateChip(release)}
  ${waitingFor !== null && html`<p class="waits"><b>Waits for</b> ${waitingFor}</p>`}
  ${endedBecause !== null && html`<p class="meta">${endedBecause}</p>`}
  ${state === 'rolling-out' && rollout !== null && html`<p class="waits"><b>${rolloutWords(release, rollout)}:</b> ${rollout.note}</p>`}
  ${paused != null && html`<p class="waits"><b>Paused</b> by ${named(paused.by)} ${ago(paused.sinceMs, nowMs)}: ${paused.reason}</p>`}
  ${gates.length > 0 && html`<ul class="gates" aria-label="Gates">${gates.map(renderGate)}</ul>`}
  ${failing.length > 0 && html`<ul class="evidence">${failing.map(({ title, observed, required }) => html`<li>${title}: ${observed}; required: ${required}</li>`)}</ul>`}
  ${release.waivers?.map((waiver) => renderWaiver(waiver, gates[waiver.gate]))}
  <p class="meta">changed ${ago(release.updatedAtMs, nowMs)} · asked by ${named(release.requestedBy)}${release.signatures.map(renderSignature)}</p>
</article>`;
}

/** A state in words with its tone; a paused rollout says so. */
export function stateOf({ state, rollout }: Release): { readonly text: string; readonly tone: Tone } {
  if (state === 'rolling-out' && rollout?.paused != null) return { text: 'rollout paused', tone: 'warn' };
  return { text: state.replaceAll('-', ' '), tone: TONES[state] };
}

export function stateChip(release: Release): Html {
  const { text, tone } = stateOf(release);
  return chip(text, tone);
}

/** Where the page of a release is. */
export function releasePath(id: string): string {
  return `/releases/${encodeURIComponent(id)}`;
}

function renderGate({ title, kind, verdict, observed, required }: GateResult): Html {
  return html`<li class="gate ${verdict}" title="${title}: ${observed}; required: ${required}">
    <span aria-hidden="true">${SIGNS[verdict]}</span> ${kind === 'command' ? title : kind}<span class="unseen">: ${verdict}, ${observed}</span></li>`;
}

function renderWaiver({ kind, person, role, reason, expiresAtMs }: Waiver, gate: GateResult | undefined): Html {
  const until = new Date(expiresAtMs).toISOString().slice(0, 10);
  return html`<p class="waits"><b>${gate?.title ?? kind} waived</b> by ${named(person)} (${role}) until ${until}: ${reason}</p>`;
}

function renderSignature({ person, role, meaning }: Signature): Html {
  return html` · ${meaning === 'approved' ? 'signed' : 'rejected'} by ${named(person)} (${role})`;
}
