import { lastStep, leastLoss, type Pruner } from './pruner.js';

export interface PercentileRule {
  /** 0..100; the best so many per cent go on. */
  readonly percentile: number;
  readonly startupTrials?: number;
  readonly warmupSteps?: number;
  readonly intervalSteps?: number;
  readonly minTrials?: number;
}

/** Optuna 5's PercentilePruner: a trial's best loss so far against the percentile of completed trials' losses at this step. */
export function createPercentilePruner(rule: PercentileRule): Pruner {
  const { percentile, startupTrials = 5, warmupSteps = 0, intervalSteps = 1, minTrials = 1 } = rule;
  const atStep = new Map<number, { sorted: number[]; count: number }>();
  let completedCount = 0;

  return {
    judge: (note) => {
      if (completedCount === 0 || completedCount < startupTrials) return false;
      const step = lastStep(note);
      if (step < warmupSteps) return false;
      const checkFrom = Math.floor((step - warmupSteps) / intervalSteps) * intervalSteps + warmupSteps;
      if (note.steps.length > 1 && note.steps[note.steps.length - 2] >= checkFrom) return false;
      const best = leastLoss(note.reports);
      if (Number.isNaN(best)) return true;
      const others = atStep.get(step);
      if (others === undefined || others.count < minTrials || others.sorted.length === 0) return false;
      return best > percentileOf(others.sorted, percentile);
    },
    completed: (note) => {
      completedCount++;
      for (const [i, step] of note.steps.entries()) {
        const others = atStep.get(step) ?? { sorted: [], count: 0 };
        atStep.set(step, others);
        others.count++;
        if (!Number.isNaN(note.reports[i])) insertNumber(others.sorted, note.reports[i]);
      }
    },
  };
}

/** Linear between neighbours, rounded as numpy.percentile rounds. */
function percentileOf(sorted: readonly number[], percentile: number): number {
  const position = (percentile / 100) * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below];
  const high = sorted[Math.min(below + 1, sorted.length - 1)];
  const part = position - below;
  return part >= 0.5 ? high - (high - low) * (1 - part) : low + (high - low) * part;
}

function insertNumber(sorted: number[], value: number): void {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, value);
}
