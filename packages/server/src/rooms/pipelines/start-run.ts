import { createHash } from 'node:crypto';
import { type Actor, canonicalJson, newId } from '@fairlead/kernel';
import type { Reader, Tx } from '../../platform/db/index.js';
import { beginRun } from './advance-run.js';
import type { Room } from './pipelines-deps.js';
import { pipelinesErrors } from './pipelines-errors.js';
import { runStarted, triggerSkipped } from './pipelines-events.js';
import { orderSteps } from './pipelines-rules.js';
import type { CacheMode, RunRecord } from './pipelines-store.js';
import type { Json, Pipeline, PipelineRun } from './pipelines-types.js';
import { specProblems, templatedParts } from './spec-rules.js';
import { resolveTemplates, type TemplateScope } from './template-rules.js';

export interface StartRequest {
  readonly pipeline: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly trigger: PipelineRun['trigger'];
  readonly cache: CacheMode;
  readonly actor: Actor;
  /** For triggers: starts nothing while a run with the same spec and the same resolved inputs is active. */
  readonly skipEqual: boolean;
}

export type StartAnswer =
  | { readonly started: RunRecord }
  | { readonly skipped: 'equal-run' | 'concurrency'; readonly activeRunId: string };

/** Throws PIP_NOT_FOUND. */
export function missingPipeline(name: string): never {
  const shown = name.slice(0, 100);
  throw pipelinesErrors.PIP_NOT_FOUND(`There is no pipeline named "${shown}".`, { data: { pipeline: shown } });
}

/**
 * Creates a run in the caller's transaction and puts it to work, or in line behind the active one. Throws PIP_NOT_FOUND,
 * PIP_PARAM_INVALID.
 */
export async function startRunIn(room: Room, tx: Tx & Reader, request: StartRequest): Promise<StartAnswer> {
  const { store, clock } = room;
  const pipeline = (await store.lockPipeline(tx, request.pipeline)) ?? missingPipeline(request.pipeline);
  const scope = scopeOf(pipeline, request);
  checkParams(room, pipeline, { request, scope });
  const inputsDigest = digestOfInputs(pipeline, scope);
  const active = await store.runs(tx, { pipeline: pipeline.name, states: ['queued', 'running'], limit: 1000 });
  const skipped = reasonToSkip(pipeline, active, { skipEqual: request.skipEqual, inputsDigest });
  if (skipped !== null) {
    const { kind: trigger, ref } = request.trigger;
    const payload = {
      pipeline: pipeline.name,
      trigger,
      ref,
      reason: skipped.skipped,
      activeRunId: skipped.activeRunId,
    };
    if (request.skipEqual) tx.record(triggerSkipped.of({ kind: 'pipeline', id: pipeline.name }, payload));
    return skipped;
  }
  const nowMs = clock.nowMs();
  const id = newId(nowMs);
  const run: RunRecord = {
    id,
    pipeline: pipeline.name,
    specDigest: pipeline.specDigest,
    projectFolder: pipeline.projectFolder,
    state: 'queued',
    params: scope.params,
    trigger: request.trigger,
    inputsDigest,
    cacheMode: request.cache,
    trackingRunId: id,
    creator: request.actor,
    createdAtMs: nowMs,
    endedAtMs: null,
  };
  await store.insertRun(tx, run, orderSteps(pipeline.spec.steps).order);
  const payload = { pipeline: pipeline.name, runId: id, trigger: request.trigger.kind };
  const after = { params: run.params, trigger: run.trigger, specDigest: run.specDigest };
  tx.record(runStarted.of({ kind: 'pipeline-run', id }, payload, { after }));
  if (active.length === 0) await beginRun(room, tx, run);
  return { started: run };
}

function scopeOf(pipeline: Pipeline, { params, trigger }: StartRequest): TemplateScope {
  return { params: { ...pipeline.spec.params, ...params }, trigger };
}

function checkParams(
  { handlers }: Room,
  pipeline: Pipeline,
  { request, scope }: { request: StartRequest; scope: TemplateScope },
): void {
  const declared = Object.keys(pipeline.spec.params ?? {});
  const unknown = Object.keys(request.params).filter((name) => !declared.includes(name));
  const problems = [
    ...unknown.map((name) => `'${name}' is no parameter; there are ${declared.join(', ') || 'none'}`),
    ...specProblems(pipeline.spec, handlers, scope),
  ];
  if (problems.length === 0) return;
  throw pipelinesErrors.PIP_PARAM_INVALID(`${pipeline.name} cannot run: ${problems.join('; ')}.`, {
    data: { problems },
  });
}

/** A new version of a dataset is an input even where no step names it; other triggers count only where a step does. */
function digestOfInputs(pipeline: Pipeline, scope: TemplateScope): string {
  const steps = Object.entries(pipeline.spec.steps).map(([name, step]) => [
    name,
    resolveTemplates(templatedParts(step), scope),
  ]);
  const data = scope.trigger.kind === 'data-version' ? scope.trigger.ref : null;
  return createHash('sha256')
    .update(canonicalJson([Object.fromEntries(steps), data]))
    .digest('hex');
}

function reasonToSkip(
  pipeline: Pipeline,
  active: readonly RunRecord[],
  { skipEqual, inputsDigest }: { skipEqual: boolean; inputsDigest: string },
): Extract<StartAnswer, { skipped: string }> | null {
  const equal = active.find((run) => run.specDigest === pipeline.specDigest && run.inputsDigest === inputsDigest);
  if (skipEqual && equal !== undefined) return { skipped: 'equal-run', activeRunId: equal.id };
  const first = active.at(-1);
  if (pipeline.spec.concurrency === 'skip' && first !== undefined) {
    return { skipped: 'concurrency', activeRunId: first.id };
  }
  return null;
}
