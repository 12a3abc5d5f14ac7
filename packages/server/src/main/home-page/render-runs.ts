import { formatDuration } from '@fairlead/kernel';
import { type Html, html } from '../../platform/http/index.js';
import type { PipelineRun, StepRun } from '../../rooms/pipelines/index.js';
import type { HomePageView } from './home-page-types.js';
import { ago, chip, named, percent, type Tone } from './words.js';

const RUN_TONES: Readonly<Record<PipelineRun['state'], Tone>> = {
  queued: 'calm',
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'calm',
};
const STEP_SIGNS: Readonly<Record<StepRun['state'], string>> = {
  waiting: '·',
  queued: '·',
  running: '▸',
  succeeded: '✓',
  cached: '↺',
  failed: '✕',
  cancelled: '–',
  skipped: '–',
};

/** Pipeline runs with their steps; active ones come first. */
export function renderRuns({ runs, atMs }: HomePageView): Html {
  return html`<section class="card" aria-labelledby="runs">
  <h2 id="runs">Pipeline runs</h2>
  ${runs.length === 0 && html`<p class="quiet">No pipeline has run yet.</p>`}
  ${runs.map((run) => renderRun(run, atMs))}
</section>`;
}

function renderRun(run: PipelineRun, nowMs: number): Html {
  const tookMs = (run.endedAtMs ?? nowMs) - run.createdAtMs;
  const { kind, ref } = run.trigger;
  return html`<article class="run">
  <header><h3>${named(run.pipeline)}</h3> ${chip(run.state, RUN_TONES[run.state])}
    <p class="meta">${formatDuration(Math.max(0, tookMs))} · ${ago(run.createdAtMs, nowMs)} · by ${named(run.createdBy)}
      (${kind}${ref !== null && kind !== 'manual' && kind !== 'api' && html` ${named(ref)}`})</p></header>
  <ol class="steps">${run.steps.map(renderStep)}</ol>
  ${run.steps.map(renderNote)}
</article>`;
}

function renderStep(step: StepRun): Html {
  const { state, startedAtMs, endedAtMs } = step;
  const took =
    startedAtMs !== null && endedAtMs !== null && state !== 'cached' ? formatDuration(endedAtMs - startedAtMs) : '';
  return html`<li class="step ${state}"><span class="sign" aria-hidden="true">${STEP_SIGNS[state]}</span>
    <bdi>${step.name}</bdi><span class="unseen">: ${state}</span> <small>${state === 'cached' ? 'cached' : took}</small></li>`;
}

/** What a running step says about itself, or why a step failed. */
function renderNote({ name, state, progress, error }: StepRun): Html | false {
  if (state === 'failed' && error !== null) {
    return html`<p class="fault"><b>${name}</b> <code>${error.code}</code> ${error.message} <span class="remedy">${error.remedy}</span></p>`;
  }
  if (state !== 'running' || progress === null) return false;
  const ratio = Math.min(1, Math.max(0, progress.ratio));
  return html`<div class="progress"><svg viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label="${name}: ${percent(ratio)}">
    <rect class="track" width="100" height="4"/><rect class="fill" width="${(ratio * 100).toFixed(1)}" height="4"/></svg>
    <p class="meta">${name}: ${progress.message} · ${percent(ratio)}</p></div>`;
}
