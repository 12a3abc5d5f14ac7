export { jobErrors } from './job-errors.js';
export { jobCancelled, jobFailed } from './job-events.js';
export { jobMigrations } from './job-migrations.js';
export { createJobQueue } from './job-queue.js';
export type {
  CancelAnswer,
  JobError,
  JobFilter,
  JobHandler,
  JobLogger,
  JobOutcome,
  JobQueue,
  JobQueueOptions,
  JobState,
  JobView,
  JsonValue,
  NewJob,
  RunningJob,
} from './job-types.js';
export type { CatchUp, Schedule, Schedules, SchedulesOptions, ScheduleView } from './schedule-types.js';
export { createSchedules } from './schedules.js';
