import { leastLoss, type Pruner } from './pruner.js';

/** Optuna 5's PatientPruner: only when the last `patience` + 1 losses are all worse than the best before by `minDelta`. */
export function createPatientPruner(patience: number, minDelta: number, inner: Pruner | undefined): Pruner {
  return {
    judge: (note) => {
      // The inner one is asked always: it may keep account of who reached which step.
      const innerPrunes = inner === undefined || inner.judge(note);
      const turn = note.reports.length - patience - 1;
      if (turn < 1) return false;
      const stale = leastLoss(note.reports, 0, turn) + minDelta < leastLoss(note.reports, turn);
      return stale && innerPrunes;
    },
    completed: (note) => inner?.completed(note),
  };
}
