import { messageOf } from '@fairlead/kernel';
import { Cron } from 'croner';
import { jobErrors } from './job-errors.js';
import type { CatchUp } from './schedule-types.js';

/** The most firings that one catch-up makes. */
export const MAX_CATCH_UP = 1_000;

export interface Rhythm {
  readonly cron: string;
  readonly timezone: string;
}

/** The first firing strictly after `afterMs`, or undefined when there is none. Throws JOB_SCHEDULE_INVALID. */
export function nextFire(rhythm: Rhythm, afterMs: number): number | undefined {
  try {
    return open(rhythm).nextRun(new Date(afterMs))?.getTime();
  } catch (cause) {
    const { cron, timezone } = rhythm;
    throw jobErrors.JOB_SCHEDULE_INVALID(`Cannot read the schedule "${cron}" in "${timezone}": ${messageOf(cause)}`, {
      data: { cron, timezone },
      cause,
    });
  }
}

function open({ cron, timezone }: Rhythm): Cron {
  return new Cron(cron, { timezone });
}

export interface DueOptions {
  readonly rhythm: Rhythm;
  /** The firing that stands next. */
  readonly fromMs: number;
  readonly nowMs: number;
  readonly catchUp: CatchUp;
  readonly toleranceMs: number;
}

/** The firings to make now, oldest first. */
export function dueFirings({ rhythm, fromMs, nowMs, catchUp, toleranceMs }: DueOptions): number[] {
  const due = firingsBetween(rhythm, fromMs, nowMs);
  if (catchUp === 'none') return due.slice(-1).filter((fireMs) => nowMs - fireMs <= toleranceMs);
  if (catchUp === 'last') return due.slice(-1);
  const count = Math.min(MAX_CATCH_UP, Math.max(0, Math.trunc(catchUp.all)));
  return count === 0 ? [] : due.slice(-count);
}

/** Firings in [fromMs, nowMs], oldest first; the latest {@link MAX_CATCH_UP} of them when there are more. */
function firingsBetween(rhythm: Rhythm, fromMs: number, nowMs: number): number[] {
  const cron = open(rhythm);
  const firings: number[] = [];
  for (let next = cron.nextRun(new Date(fromMs - 1)); next !== null && next.getTime() <= nowMs; ) {
    // Too many to walk through (a frequent schedule after a long pause): count back from now instead.
    if (firings.length === MAX_CATCH_UP) return latest(cron, nowMs);
    firings.push(next.getTime());
    next = cron.nextRun(next);
  }
  return firings;
}

function latest(cron: Cron, nowMs: number): number[] {
  // previousRuns leaves its reference out, and cron counts in seconds.
  const reference = new Date(Math.floor(nowMs / 1000) * 1000 + 1000);
  return cron
    .previousRuns(MAX_CATCH_UP, reference)
    .map((date) => date.getTime())
    .reverse();
}
