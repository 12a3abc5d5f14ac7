import { systemActor } from '@fairlead/kernel';
import type { Reader, Tx } from '../../platform/db/index.js';
import type { JobHandler } from '../../platform/jobs/index.js';
import { type Room, TRIGGER_JOB } from './pipelines-deps.js';
import type { Pipeline, TriggerSpec } from './pipelines-types.js';
import { startRunIn } from './start-run.js';

type ScheduleTrigger = Extract<TriggerSpec, { on: 'schedule' }>;

const schedulesOf = (pipeline: Pipeline | null): ScheduleTrigger[] =>
  (pipeline?.spec.triggers ?? []).filter((trigger) => trigger.on === 'schedule');
const scheduleId = (pipeline: string, index: number) => `pipelines/${pipeline}/${index}`;

/** Makes the schedules of the queue equal to those of the pipeline. Throws JOB_SCHEDULE_INVALID. */
export async function saveSchedules(
  { schedules }: Room,
  tx: Tx & Reader,
  after: Pipeline,
  before: Pipeline | null,
): Promise<void> {
  const wanted = schedulesOf(after);
  for (const [index, { cron, timezone = 'UTC' }] of wanted.entries()) {
    await schedules.upsert(tx, {
      id: scheduleId(after.name, index),
      cron,
      timezone,
      catchUp: 'last',
      paused: false,
      job: { kind: TRIGGER_JOB, payload: { pipeline: after.name, cron }, maxAttempts: 5 },
    });
  }
  for (let index = wanted.length; index < schedulesOf(before).length; index += 1) {
    await schedules.remove(tx, scheduleId(after.name, index));
  }
}

/** Runs when a schedule fires: the run is created in the transaction that ends the job, so one firing is one run. */
export function createTriggerHandler(room: Room): JobHandler {
  return async (job) => {
    const { pipeline } = job.payload as { pipeline: string };
    const ref = job.scheduledForMs === undefined ? null : new Date(job.scheduledForMs).toISOString();
    return {
      commit: async (tx) => {
        await startRunIn(room, tx, {
          pipeline,
          params: {},
          trigger: { kind: 'schedule', ref },
          cache: 'auto',
          actor: systemActor,
          skipEqual: true,
        });
      },
    };
  };
}
