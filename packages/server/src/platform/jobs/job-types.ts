import type { Clock, Fault } from '@fairlead/kernel';
import type { Reader, Tx } from '../db/index.js';

/** Anything that survives a round trip through JSON. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface NewJob {
  readonly kind: string;
  readonly payload: JsonValue;
  /** Unique among the queued and running jobs of this kind: enqueueing again returns the id that is there. */
  readonly dedupeKey?: string;
  /** Jobs that share a key run at most `limits[key]` at a time over all replicas; see `limitFor` for the default. */
  readonly limitKey?: string;
  /** Higher goes first; 0 unless told. */
  readonly priority?: number;
  /** Not before this time; now unless told. */
  readonly runAtMs?: number;
  /** Runs that may end in a retryable failure before the job is failed; 3 unless told. */
  readonly maxAttempts?: number;
  /** Longest time one run may take; without it there is no limit. A run that exceeds it is a retryable failure. */
  readonly timeoutMs?: number;
  /** The logical time the job stands for, for example the firing of a schedule. */
  readonly scheduledForMs?: number;
}

export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly fault: Fault;
  /** The random id of the error, as in the log. */
  readonly id?: string;
  readonly remedy?: string;
}

export interface JobView {
  readonly id: string;
  readonly kind: string;
  readonly payload: JsonValue;
  readonly state: JobState;
  /** True from the request to cancel a running job until it has stopped. */
  readonly cancelRequested: boolean;
  /** Failed runs so far that counted against `maxAttempts`. */
  readonly failures: number;
  readonly maxAttempts: number;
  /** Runs that ended with their worker. */
  readonly losses: number;
  readonly progress: { readonly ratio: number; readonly message: string };
  readonly result?: JsonValue;
  /** The last error, also of a run that will be tried again. */
  readonly error?: JobError;
  readonly createdAtMs: number;
  readonly runAtMs: number;
  readonly scheduledForMs?: number;
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
}

/** One run of a job, as its handler sees it. */
export interface RunningJob {
  readonly id: string;
  readonly kind: string;
  readonly payload: JsonValue;
  /** 1 for the first try; a run that only lost its worker does not raise it. */
  readonly attempt: number;
  /** Grows with every claim of this job, so `id/fence` names this very run. */
  readonly fence: number;
  readonly scheduledForMs?: number;
  /** Aborts on cancellation, loss of the lease, shutdown and time-out; the reason is the coded error. */
  readonly signal: AbortSignal;
  /** Stores how far the job is, at most twice a second. `ratio` 0..1. */
  progress(ratio: number, message: string): void;
}

export interface JobOutcome {
  readonly result?: JsonValue;
  /**
   * Runs in the very transaction that marks the job succeeded, guarded by the fence: its effects happen once, whatever
   * happened to earlier or concurrent runs of this job.
   */
  readonly commit?: (tx: Tx & Reader) => Promise<void>;
}

export type JobHandler = (job: RunningJob) => Promise<JobOutcome>;

export interface JobFilter {
  readonly kind?: string;
  readonly state?: JobState;
  /** 100 unless told, at most 1000. */
  readonly limit?: number;
  /** The last id of the page before; jobs come newest first. */
  readonly afterId?: string;
}

export type CancelAnswer = 'cancelled' | 'cancelling' | 'finished' | 'unknown';

export interface JobQueue {
  /** Adds a job in the caller's transaction and returns its id, or the id of the job that already has its `dedupeKey`. */
  enqueue(tx: Tx & Reader, job: NewJob): Promise<string>;
  get(id: string, reader?: Reader): Promise<JobView | undefined>;
  list(filter: JobFilter): Promise<JobView[]>;
  /** Cancels a queued job at once and asks a running one to stop; a job asked to stop never commits its effects. */
  cancel(tx: Tx & Reader, id: string): Promise<CancelAnswer>;
  /** Resolves when the job has ended, or on time-out with how it stands then. Throws JOB_NOT_FOUND. */
  waitFor(id: string, options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<JobView>;
  /** Says who runs a kind of job here; `concurrency` (2 unless told) is per queue, limits by key are over all replicas. */
  handle(kind: string, handler: JobHandler, options?: { readonly concurrency?: number }): void;
  start(): Promise<void>;
  /** Takes no new jobs, gives running ones `graceMs`, then aborts them and returns them to the queue. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

export interface JobLogger {
  warn(data: Readonly<Record<string, unknown>>, message: string): void;
}

export interface JobQueueOptions {
  /** Used for ids only: leases, due times and time stamps are the database's. */
  readonly clock: Clock;
  /** Names this queue; must differ between all queues that are alive on one database. */
  readonly ownerId: string;
  /** True when a lock guarantees that no other owner is alive: every lease found at the start is void at once. */
  readonly exclusive: boolean;
  readonly leaseMs?: number;
  readonly heartbeatMs?: number;
  readonly sweepMs?: number;
  /** Shortest pause between two looks at the queue; doubles to one second while nothing is there. */
  readonly pollMs?: number;
  /** Pause before the first retry; doubles with every further one up to a minute. */
  readonly retryDelayMs?: number;
  /** How long a handler may take to react to its aborted signal before it is given up. */
  readonly abortGraceMs?: number;
  /** Most jobs that run at a time, by limit key. */
  readonly limits?: Readonly<Record<string, number>>;
  /** PostgreSQL address for a heartbeat thread, so that work on the main thread cannot lose the lease. */
  readonly heartbeatUrl?: string;
  readonly logger?: JobLogger;
}
