import type { Reader, Tx } from '../db/index.js';
import type { JobLogger, NewJob } from './job-types.js';

/**
 * What happens to firings that nobody was there to make: `none` drops them, `last` makes the latest one, `all` the
 * latest `all` of them, oldest first. At most 1000.
 */
export type CatchUp = 'none' | 'last' | { readonly all: number };

export interface Schedule {
  readonly id: string;
  /** Five fields, or six with seconds first; or a nickname such as `@hourly`. */
  readonly cron: string;
  /** IANA name. A firing that a change to summer time skips is made right after the gap; a repeated one once. */
  readonly timezone: string;
  readonly catchUp: CatchUp;
  readonly job: Omit<NewJob, 'runAtMs' | 'scheduledForMs'>;
  readonly paused: boolean;
}

export interface ScheduleView extends Schedule {
  /** Absent when the cron expression has no further date, or while it is paused. */
  readonly nextFireMs?: number;
  readonly lastFireMs?: number;
  readonly lastJobId?: string;
}

export interface Schedules {
  /** Adds or changes a schedule. An unchanged rhythm keeps its place, so nothing missed is forgotten. Throws JOB_SCHEDULE_INVALID. */
  upsert(tx: Tx & Reader, schedule: Schedule): Promise<void>;
  list(reader?: Reader): Promise<ScheduleView[]>;
  /** Pauses or resumes; what a paused schedule missed is not caught up. False when there is no such schedule. */
  setPaused(tx: Tx & Reader, id: string, paused: boolean): Promise<boolean>;
  /** False when there is no such schedule. */
  remove(tx: Tx & Reader, id: string): Promise<boolean>;
  /** Makes every firing that is due; returns how many this call made. Any number of replicas may call it. */
  tick(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

export interface SchedulesOptions {
  readonly tickMs?: number;
  /** A firing up to this much late counts as on time, also with catch-up `none`; one minute unless told. */
  readonly toleranceMs?: number;
  readonly logger?: JobLogger;
}
