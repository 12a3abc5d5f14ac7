import { lastReport, lastStep, type Pruner } from './pruner.js';

export interface HalvingRule {
  readonly minResource?: number;
  readonly reductionFactor?: number;
  readonly minEarlyStoppingRate?: number;
}

/**
 * Asynchronous successive halving as Optuna 5's SuccessiveHalvingPruner (Li et al., arXiv:1810.05934): a trial that
 * reaches rung r goes on when it is among the best 1/factor of all that ever reached it. The first factor − 1 of a rung
 * have nobody to be compared with: the best of them goes on.
 */
export function createHalvingPruner(rule: HalvingRule): Pruner {
  const { reductionFactor = 4, minEarlyStoppingRate = 0 } = rule;
  const rungs: number[][] = [];
  const rungOf = new Map<number, number>();
  let minResource = rule.minResource;

  return {
    judge: (note) => {
      if (minResource === undefined) return false;
      const step = lastStep(note);
      const loss = lastReport(note);
      for (let rung = rungOf.get(note.trial) ?? 0; ; rung++) {
        if (step < minResource * reductionFactor ** (minEarlyStoppingRate + rung)) return false;
        if (Number.isNaN(loss)) return true;
        rungs[rung] ??= [];
        rungs[rung].push(loss);
        rungOf.set(note.trial, rung + 1);
        const promoted = Math.max(Math.floor(rungs[rung].length / reductionFactor), 1);
        if (countBelow(rungs[rung], loss) >= promoted) return true;
      }
    },
    completed: (note) => {
      if (minResource === undefined && note.steps.length > 0) {
        minResource = Math.max(Math.floor(lastStep(note) / 100), 1);
      }
    },
  };
}

function countBelow(losses: readonly number[], loss: number): number {
  let count = 0;
  for (let i = 0; i < losses.length; i++) if (losses[i] < loss) count++;
  return count;
}
