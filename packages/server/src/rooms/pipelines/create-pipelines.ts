import type { EventConsumer } from '../../platform/db/index.js';
import { createCloseHandler } from './close-run.js';
import { createLostJobsConsumer, createTriggersConsumer } from './pipelines-consumers.js';
import { CLOSE_JOB, type CreatePipelinesDeps, type Room, STEP_JOB, TRIGGER_JOB } from './pipelines-deps.js';
import { createPipelinesService } from './pipelines-service.js';
import { sqlPipelinesStore } from './pipelines-store.sql.js';
import type { PipelinesService } from './pipelines-types.js';
import { createStepHandler } from './run-step.js';
import { createTriggerHandler } from './schedule-triggers.js';

export interface PipelinesRoom {
  readonly pipelines: PipelinesService;
  /** To be added to the event dispatcher: triggers, and steps whose worker was lost. */
  readonly consumers: readonly EventConsumer[];
}

/** The pipelines room. Registers its job handlers with the queue, which must not have been started yet. */
export function createPipelines(deps: CreatePipelinesDeps): PipelinesRoom {
  const handlers = new Map(deps.handlers.map((handler) => [handler.uses, handler]));
  const room: Room = { ...deps, handlers, store: sqlPipelinesStore };
  deps.queue.handle(STEP_JOB, createStepHandler(room), { concurrency: deps.concurrency ?? 2 });
  deps.queue.handle(CLOSE_JOB, createCloseHandler(room));
  deps.queue.handle(TRIGGER_JOB, createTriggerHandler(room), { concurrency: 1 });
  return {
    pipelines: createPipelinesService(room),
    consumers: [createTriggersConsumer(room), createLostJobsConsumer(room)],
  };
}
