import { isFairleadError, messageOf } from '@fairlead/kernel';
import type { JobError } from './job-types.js';

/** Runs a job may lose together with their worker before it is taken for the reason of the loss. */
const MAX_LOSSES = 3;
const MAX_RETRY_DELAY_MS = 60_000;

/** Where a run leaves its job. */
export type Verdict =
  | { readonly next: 'queued'; readonly delayMs: number; readonly failures: number; readonly losses: number }
  | { readonly next: 'failed'; readonly failures: number; readonly losses: number }
  | { readonly next: 'cancelled'; readonly failures: number; readonly losses: number };

export interface JobCounts {
  readonly failures: number;
  readonly losses: number;
  readonly maxAttempts: number;
  readonly cancelRequested: boolean;
}

/** The pause before try number `failures + 1`: doubles each time, at most a minute. */
export function retryDelayMs(failures: number, firstDelayMs: number): number {
  return Math.min(MAX_RETRY_DELAY_MS, firstDelayMs * 2 ** Math.max(0, failures - 1));
}

/** A user's mistake repeats itself, so it is not tried again; anything else may be a passing fault of the machinery. */
export function afterFailure(counts: JobCounts, error: JobError, firstDelayMs: number): Verdict {
  const { losses } = counts;
  if (counts.cancelRequested) return { next: 'cancelled', failures: counts.failures, losses };
  const failures = counts.failures + 1;
  if (error.fault === 'user' || failures >= counts.maxAttempts) return { next: 'failed', failures, losses };
  return { next: 'queued', delayMs: retryDelayMs(failures, firstDelayMs), failures, losses };
}

/** A lost worker is not the job's fault, so it costs no attempt, up to {@link MAX_LOSSES} times. */
export function afterLoss(counts: JobCounts): Verdict {
  const { failures } = counts;
  const losses = counts.losses + 1;
  if (counts.cancelRequested) return { next: 'cancelled', failures, losses };
  return losses > MAX_LOSSES ? { next: 'failed', failures, losses } : { next: 'queued', delayMs: 0, failures, losses };
}

/** A run that the stopping server gave back counts as nothing. */
export function afterRelease({ failures, losses, cancelRequested }: JobCounts): Verdict {
  return cancelRequested ? { next: 'cancelled', failures, losses } : { next: 'queued', delayMs: 0, failures, losses };
}

/**
 * How many jobs of a limit key may run at a time: the number for the whole key, else for the part before its first
 * colon (`model` for `model:churn`), else 1, because who names a key wants one after the other.
 */
export function limitFor(key: string, limits: Readonly<Record<string, number>>): number {
  return limits[key] ?? limits[key.split(':', 1)[0] ?? key] ?? 1;
}

/** The error as it is stored with the job. Errors without a code are the system's fault, and so are tried again. */
export function describeError(error: unknown): JobError {
  if (!isFairleadError(error)) return { code: 'INTERNAL', message: messageOf(error), fault: 'system' };
  const { code, message, fault, id, remedy } = error;
  return { code, message, fault, id, remedy };
}
