import type { Db } from '../db/index.js';
import { type Bell, createBell } from './bell.js';
import type { RunKey } from './job-lease.sql.js';
import type { Run } from './job-run.js';
import type { JobHandler, JobQueueOptions } from './job-types.js';

/** The queue's options with every default filled in. */
export interface QueueSettings extends JobQueueOptions {
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly sweepMs: number;
  readonly pollMs: number;
  readonly retryDelayMs: number;
  readonly abortGraceMs: number;
  readonly limits: Readonly<Record<string, number>>;
}

/** What the parts of one queue share. */
export interface QueueState {
  readonly db: Db;
  readonly settings: QueueSettings;
  readonly handlers: Map<string, { readonly handler: JobHandler; readonly concurrency: number }>;
  /** By {@link keyOf}: a job that came back here while its old handler still hangs is another run. */
  readonly runs: Map<string, Run>;
  /** Rings when there may be something to claim. */
  readonly work: Bell;
  /** Rings when a job may have ended. */
  readonly ended: Bell;
  keyOf(run: RunKey): string;
}

export function createQueueState(db: Db, options: JobQueueOptions): QueueState {
  return {
    db,
    settings: {
      leaseMs: 30_000,
      heartbeatMs: 10_000,
      sweepMs: 5_000,
      pollMs: 250,
      retryDelayMs: 1_000,
      abortGraceMs: 5_000,
      limits: {},
      ...options,
    },
    handlers: new Map(),
    runs: new Map(),
    work: createBell(),
    ended: createBell(),
    keyOf: ({ id, fence }) => `${id}/${fence}`,
  };
}
