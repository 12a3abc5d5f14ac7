import type { TrialNote } from '../trial-note.js';

/** Decides, report by report, whether a trial goes on. Keeps what it needs of the log itself; a log replayed gives the same decisions. */
export interface Pruner {
  /** True when the running trial, whose newest report was just added to `note`, should be given up. */
  judge(note: TrialNote): boolean;
  completed(note: TrialNote): void;
}

export const keepAll: Pruner = Object.freeze({ judge: () => false, completed: () => {} });

export function lastStep(note: TrialNote): number {
  return note.steps[note.steps.length - 1];
}

export function lastReport(note: TrialNote): number {
  return note.reports[note.reports.length - 1];
}

/** Least of the losses from `start` to before `end`, NaN left out; NaN when none is left. */
export function leastLoss(losses: readonly number[], start = 0, end = losses.length): number {
  let least = Number.NaN;
  for (let i = start; i < end; i++) if (!(losses[i] >= least) && !Number.isNaN(losses[i])) least = losses[i];
  return least;
}
