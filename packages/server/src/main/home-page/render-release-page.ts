import { formatDuration } from '@fairlead/kernel';
import { type Html, html } from '../../platform/http/index.js';
import { banditArms, type GateResult, type Release } from '../../rooms/release/index.js';
import { renderShell } from './page-shell.js';
import type { ReleasePageView } from './release-page-view.js';
import { type ReleaseStep, releaseSteps } from './release-steps.js';
import { reportPath } from './render-models.js';
import { releasePath, stateChip, stateOf } from './render-releases.js';
import { rolloutWords } from './rollout-words.js';
import { ago, chip, counted, day, moment, named, percent } from './words.js';

/** One release: what it waits for and who may do it, every gate and guardrail with its evidence, who signed. */
export function renderReleasePage(view: ReleasePageView, { nonce }: { nonce: string }): Html {
  const { release, atMs, version } = view;
  const { endpoint, model, version: number, environment, rollout } = release;
  const state = stateOf(release);
  const gates = renderResults(
    'Gates',
    release.gates,
    release.state === 'testing' ? 'They run in test now.' : 'No gate was decided.',
  );
  const guardrails = rollout !== null && renderResults('Guardrails', rollout.guardrails, NO_GUARDRAIL);
  return renderShell({
    title: `${model} v${number} → ${endpoint} – Fairlead`,
    nonce,
    refreshSeconds: null,
    condition: html`<p class="condition ${state.tone}"><i class="dot"></i>${state.text}</p>`,
    main: html`<div class="single">
<section class="card" aria-labelledby="release"><h1 id="release">${named(model)} v${number} → ${named(endpoint)} <small>in ${environment}</small> ${stateChip(release)}</h1>
${renderFacts(release, atMs)}</section>
${renderSteps(releaseSteps(view))}
${renderArms(release)}
${release.state === 'rolling-out' ? [guardrails, gates] : [gates, guardrails]}
${banditArms(release)
  .filter(({ role, guardrails }) => role === 'other' && guardrails.length > 0)
  .map((arm) => renderResults(`Guardrails of version ${arm.version}`, arm.guardrails, ''))}
${renderWords(release)}
</div>`,
    footer: html`Fairlead ${version} · read at ${moment(atMs)} · <a href="">read again</a> · release <code>${release.id}</code>`,
  });
}

const NO_GUARDRAIL = 'None was judged: nothing was served beside it, or nothing yet.';

function renderFacts(release: Release, nowMs: number): Html {
  const { rollout, waitingFor, endedBecause, requestedBy, reason, createdAtMs, model, version } = release;
  const paused = rollout?.paused;
  return html`<dl class="lines">
  ${waitingFor !== null && line('Waits for', html`<b>${waitingFor}</b>`)}
  ${endedBecause !== null && line('Ended because', endedBecause)}
  ${rollout !== null && line('Rollout', html`${rolloutWords(release, rollout)}, begun ${ago(rollout.sinceMs, nowMs)}${rollout.note !== '' && html`: ${rollout.note}`}`)}
  ${paused != null && line('Paused', html`by ${named(paused.by)} ${ago(paused.sinceMs, nowMs)}: ${paused.reason}`)}
  ${renderExperiment(rollout?.experiment)}
  ${line('Asked for', html`by ${named(requestedBy)} ${ago(createdAtMs, nowMs)}: ${reason}`)}
  ${release.releasedAtMs !== null && line('Released', html`${ago(release.releasedAtMs, nowMs)}, ${formatDuration(Math.max(0, release.releasedAtMs - createdAtMs))} after it was asked for`)}
  ${line('Model', html`<a href="${reportPath(model, version)}">Report of ${model} v${version}</a>`)}
  ${line('Digests', html`model ${digest(release.modelDigest)} · gate report ${digest(release.gateReportDigest)} · policy ${digest(release.policyDigest)}`)}
</dl>`;
}

function line(name: string, value: Html | string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

const digest = (value: string | null) =>
  value === null ? 'none yet' : html`<code title="${value}">${value.slice(0, 12)}</code>`;

/** What an A/B test, a bandit or a shadow has seen, as far as its note does not say it. */
function renderExperiment(experiment: NonNullable<Release['rollout']>['experiment']): Html | false {
  const { pairs, agreeing } = experiment ?? {};
  if (typeof pairs !== 'number' || typeof agreeing !== 'number') return false;
  return line('Compared', `${pairs} rows answered by both versions, ${agreeing} of them with the same label`);
}

const ROLES = { candidate: 'the candidate', stable: 'the stable version', other: '' } as const;

/** Every version of a bandit. */
function renderArms(release: Release): Html | false {
  const arms = banditArms(release);
  if (arms.length === 0) return false;
  return html`<section class="card" aria-labelledby="arms"><h2 id="arms">Arms</h2>
  <ul class="results">${arms.map(
    ({ version, role, share, rewards, best, takenOut, releaseId }) =>
      html`<li>${takenOut === null ? chip(percent(share), 'calm') : chip('taken out', 'bad')}<div><h3>Version ${version}</h3> <span class="meta">${ROLES[role]}${role === 'other' && releaseId !== null && html`<a href="${releasePath(releaseId)}">release</a>`}</span>
    <p>${rewards === null ? 'no rewards counted' : counted(rewards, 'reward')}${best !== null && `, the best with probability ${Math.round(best * 1e4) / 1e4}`}</p>
    ${takenOut !== null && html`<p class="meta">${moment(takenOut.atMs)}: ${takenOut.reason}</p>`}</div></li>`,
  )}</ul></section>`;
}

function renderSteps(steps: readonly ReleaseStep[]): Html | false {
  if (steps.length === 0) return false;
  return html`<section class="card" aria-labelledby="next"><h2 id="next">What can be done now</h2>
  <ul class="todo">${steps.map(
    ({ what, who, command }) =>
      html`<li><p><b>${what}</b> <span class="meta">${who}</span></p><pre tabindex="0"><code>npx ${command}</code></pre></li>`,
  )}</ul></section>`;
}

function renderResults(title: string, results: readonly GateResult[], none: string): Html {
  const id = title.toLowerCase().replaceAll(' ', '-');
  return html`<section class="card" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
  ${
    results.length === 0
      ? html`<p class="quiet">${none}</p>`
      : html`<ul class="results">${results.map(renderResult)}</ul>`
  }</section>`;
}

const VERDICT_TONES = { pass: 'good', fail: 'bad', insufficient: 'warn' } as const;

function renderResult({ title, type, verdict, observed, required, evidence }: GateResult): Html {
  return html`<li>${chip(verdict, VERDICT_TONES[verdict])}<div><h3>${title}</h3> ${type !== undefined && html`<span class="meta">${type}</span>`}
    <p>${observed}</p><p class="meta">required: ${required}</p>
    ${Object.keys(evidence).length > 0 && html`<details><summary>Evidence<span class="unseen"> of ${title}</span></summary><pre tabindex="0">${JSON.stringify(evidence, null, 2)}</pre></details>`}</div></li>`;
}

function renderWords({ signatures, gates, waivers = [] }: Release): Html | false {
  if (signatures.length + waivers.length === 0) return false;
  return html`<section class="card" aria-labelledby="words"><h2 id="words">Signatures and waivers</h2>
  <ul class="results">${signatures.map(
    ({ person, role, meaning, comment, atMs }) =>
      html`<li>${chip(meaning, meaning === 'approved' ? 'good' : 'bad')}<div><p>${named(person)} as ${role}${comment !== '' && html`: ${comment}`}</p><p class="meta">${moment(atMs)}</p></div></li>`,
  )}${waivers.map(
    ({ gate, kind, person, role, reason, atMs, expiresAtMs }) =>
      html`<li>${chip('waived', 'warn')}<div><p>${gates[gate]?.title ?? kind} by ${named(person)} as ${role}: ${reason}</p><p class="meta">${moment(atMs)}, until ${day(expiresAtMs)}</p></div></li>`,
  )}</ul></section>`;
}
