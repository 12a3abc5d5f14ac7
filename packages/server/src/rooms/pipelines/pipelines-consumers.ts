import { type RecordedEvent, systemActor } from '@fairlead/kernel';
import type { EventConsumer, Reader, Tx } from '../../platform/db/index.js';
import { jobFailed } from '../../platform/jobs/index.js';
import { versionCreated } from '../data/index.js';
import { advanceRun, endStep } from './advance-run.js';
import { type Room, STEP_JOB } from './pipelines-deps.js';
import type { Pipeline, PipelineRun, TriggerSpec } from './pipelines-types.js';
import { startRunIn } from './start-run.js';

/** Starts runs for new dataset versions and for any event that a pipeline waits for. */
export function createTriggersConsumer(room: Room): EventConsumer {
  return {
    name: 'pipelines-triggers',
    // Every type: which ones matter is declared by users while the server runs.
    types: [],
    interest: async (reader) => {
      const pipelines = await room.store.pipelines(reader);
      return (event) => pipelines.some((pipeline) => triggerOf(pipeline, event) !== undefined);
    },
    handle: async (event, tx) => {
      for (const pipeline of await room.store.pipelines(tx)) {
        const { name } = pipeline;
        const trigger = triggerOf(pipeline, event);
        if (trigger === undefined) continue;
        await startRunIn(room, tx, {
          pipeline: name,
          params: {},
          trigger,
          cache: 'auto',
          actor: systemActor,
          skipEqual: true,
        });
      }
    },
  };
}

/** What of the event starts the pipeline, if anything does. */
function triggerOf({ name, spec }: Pipeline, event: RecordedEvent): PipelineRun['trigger'] | undefined {
  if (event.outcome === 'denied' || isOwnEvent(event, name)) return undefined;
  return (spec.triggers ?? []).map((one) => triggerFor(one, event)).find((one) => one !== null) ?? undefined;
}

function triggerFor(trigger: TriggerSpec, event: RecordedEvent): PipelineRun['trigger'] | null {
  if (trigger.on === 'data-version' && versionCreated.is(event)) {
    return event.payload.dataset === trigger.dataset ? { kind: 'data-version', ref: event.payload.versionId } : null;
  }
  return trigger.on === 'event' && trigger.type === event.type ? { kind: 'event', ref: event.id } : null;
}

/** A pipeline that waits for `pipelines.run-finished` must not start itself for ever. */
function isOwnEvent(event: RecordedEvent, pipeline: string): boolean {
  return event.type.startsWith('pipelines.') && (event.payload as { pipeline?: string }).pipeline === pipeline;
}

/** Ends steps whose job the queue gave up without asking its handler: its worker disappeared again and again. */
export function createLostJobsConsumer(room: Room): EventConsumer {
  return {
    name: 'pipelines-lost-jobs',
    types: [jobFailed.type],
    handle: async (event, tx) => {
      if (jobFailed.is(event) && event.payload.kind === STEP_JOB) await failStepOf(room, tx, event);
    },
  };
}

async function failStepOf(
  room: Room,
  tx: Tx & Reader,
  event: RecordedEvent<{ error: { code: string; message: string; remedy?: string } }>,
): Promise<void> {
  const jobId = event.subject.id;
  const payload = (await room.queue.get(jobId, tx))?.payload as { runId: string; step: string } | undefined;
  const run = payload === undefined ? undefined : await room.store.lockRun(tx, payload.runId);
  if (run === undefined || payload === undefined) return;
  const step = (await room.store.steps(tx, [run.id])).find(({ name }) => name === payload.step);
  if (step?.jobId !== jobId || (step.state !== 'queued' && step.state !== 'running')) return;
  const { code, message, remedy = 'Resume the run.' } = event.payload.error;
  await endStep(room, tx, { run, step: step.name, state: 'failed', patch: { error: { code, message, remedy } } });
  await advanceRun(room, tx, run);
}
