import { createHash } from 'node:crypto';
import { canonicalJson, isName, sleep } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';
import { cancelRun, missingRun, resumeRun } from './end-run.js';
import type { Room } from './pipelines-deps.js';
import { pipelinesErrors } from './pipelines-errors.js';
import { pipelineDeclared } from './pipelines-events.js';
import type { Pipeline, PipelineRun, PipelineSpec, PipelinesService } from './pipelines-types.js';
import { withSteps } from './present-run.js';
import { repeatStep } from './repeat-step.js';
import { sweepReproductions } from './reproduction-folder.js';
import { saveSchedules } from './schedule-triggers.js';
import { specProblems } from './spec-rules.js';
import { missingPipeline, startRunIn } from './start-run.js';

const FIRST_LOOK_MS = 10;
const LONGEST_LOOK_MS = 250;

export function createPipelinesService(room: Room): PipelinesService {
  const { store, db } = room;
  const run = async (id: string): Promise<PipelineRun> => {
    const found = (await store.run(db, id)) ?? missingRun(id);
    return (await withSteps(room, [found]))[0] as PipelineRun;
  };
  return {
    declare: (context, name, pipeline) => declare(room, context, { name, ...pipeline }),
    list: () => store.pipelines(db),
    get: async (name) => (await store.pipeline(db, name)) ?? missingPipeline(name),
    start: async (context, request) => run(await start(room, context, request)),
    run,
    runs: async ({ pipeline, state, after, limit }) => {
      const found = await store.runs(db, {
        ...(pipeline === undefined ? {} : { pipeline }),
        ...(state === undefined ? {} : { states: [state] }),
        ...(after === undefined ? {} : { after }),
        limit: Math.min(Math.max(1, Math.trunc(limit)), 1000),
      });
      return withSteps(room, found);
    },
    cancel: async (context, runId) => {
      await cancelRun(room, context, runId);
      return run(runId);
    },
    resume: async (context, runId) => {
      await resumeRun(room, context, runId);
      return run(runId);
    },
    waitFor: async (runId, options) => {
      await waitForEnd(room, runId, options);
      return run(runId);
    },
    repeat: (context, options) => repeatStep(room, context, options),
    handlers: () => [...room.handlers.values()],
    restore: () => sweepReproductions(room.workFolder),
  };
}

async function declare(
  room: Room,
  context: ChangeContext,
  { name, spec, projectFolder }: { name: string; spec: PipelineSpec; projectFolder: string },
): Promise<{ pipeline: Pipeline; changed: boolean }> {
  const { store, db, clock, handlers } = room;
  const scope = { params: spec.params ?? {}, trigger: { kind: 'manual', ref: null } };
  const problems = [
    ...(isName(name) ? [] : [`'${name.slice(0, 100)}' is no name for a pipeline`]),
    ...specProblems(spec, handlers, scope),
  ];
  if (problems.length > 0) {
    throw pipelinesErrors.PIP_SPEC_INVALID(`Pipeline ${name.slice(0, 100)}: ${problems.join('; ')}.`, {
      data: { problems },
    });
  }
  const specDigest = createHash('sha256').update(canonicalJson(spec)).digest('hex');
  return db.transact(context, async (tx) => {
    const before = await store.lockPipeline(tx, name);
    if (before?.specDigest === specDigest && before.projectFolder === projectFolder) {
      return { pipeline: before, changed: false };
    }
    const pipeline: Pipeline = { name, spec, specDigest, projectFolder, updatedAtMs: clock.nowMs() };
    await store.savePipeline(tx, pipeline);
    await saveSchedules(room, tx, pipeline, before ?? null);
    const change = { ...(before === undefined ? {} : { before: before.spec }), after: spec };
    tx.record(pipelineDeclared.of({ kind: 'pipeline', id: name }, { pipeline: name, specDigest }, change));
    return { pipeline, changed: true };
  });
}

async function start(
  room: Room,
  context: ChangeContext,
  { pipeline, params = {}, trigger, cache = 'auto' }: Parameters<PipelinesService['start']>[1],
): Promise<string> {
  const answer = await room.db.transact(context, (tx) =>
    startRunIn(room, tx, {
      pipeline,
      params,
      trigger: trigger ?? { kind: 'manual', ref: null },
      cache,
      actor: context.actor,
      skipEqual: false,
    }),
  );
  if ('started' in answer) return answer.started.id;
  throw pipelinesErrors.PIP_RUN_ACTIVE(`Run ${answer.activeRunId} of ${pipeline} is active.`, {
    data: { pipeline, runId: answer.activeRunId },
  });
}

/** Looks at the database, so that it also sees runs that another replica finishes. */
async function waitForEnd(
  { store, db }: Room,
  runId: string,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
): Promise<void> {
  const untilMs = performance.now() + timeoutMs;
  for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(LONGEST_LOOK_MS, pauseMs * 1.5)) {
    const { state } = (await store.run(db, runId)) ?? missingRun(runId);
    const leftMs = untilMs - performance.now();
    if ((state !== 'queued' && state !== 'running') || leftMs <= 0 || signal?.aborted) return;
    await sleep(Math.min(pauseMs, leftMs), signal).catch(() => undefined);
  }
}
