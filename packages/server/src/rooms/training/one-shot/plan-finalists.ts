import type { SearchedTrial } from '../engine/search-news.js';
import { rankTrials } from '../engine/selection-rules.js';
import type { SelectionMetric } from '../training-types.js';

const FINALISTS = 3;
/** How many times the rows of the first look. */
const GROWTH = 4;

export interface SampleFacts {
  /** Best first, of the first look. */
  readonly trials: readonly SearchedTrial[];
  readonly usedRows: number;
  readonly allRows: number;
  readonly folds: number;
  readonly threads: number;
  /** Left of the budget. */
  readonly leftMs: number;
}

/**
 * The best few candidates of a sample and the larger sample to compare them on again; null when there is nothing to decide,
 * or when the rest of the budget would not suffice for that and the fit on all rows, by what the fits of the sample took.
 * Time is taken to grow with the rows.
 */
export function planFinalists(facts: SampleFacts): { finalists: readonly SearchedTrial[]; rows: number } | null {
  const { trials, usedRows, allRows, folds, threads, leftMs } = facts;
  const sound = trials.filter(({ failure }) => failure === null);
  const rows = Math.min(allRows, usedRows * GROWTH);
  if (rows <= usedRows) return null;
  for (let count = Math.min(FINALISTS, sound.length); count > 1; count -= 1) {
    const finalists = sound.slice(0, count);
    const againMs = (finalists.reduce((sum, { fitMs }) => sum + fitMs, 0) * (rows / usedRows)) / threads;
    if (againMs + finalFitMs(finalists, { usedRows, allRows, folds }) <= leftMs) return { finalists, rows };
  }
  return null;
}

/** What the fit of the slowest of them on all rows will take, with one thread. */
export function finalFitMs(
  trials: readonly SearchedTrial[],
  { usedRows, allRows, folds }: Pick<SampleFacts, 'usedRows' | 'allRows' | 'folds'>,
): number {
  const rowsOfFit = (usedRows * (folds - 1)) / folds;
  return Math.max(...trials.map(({ fitMs }) => (fitMs / folds) * (allRows / rowsOfFit)));
}

/** What a first look leaves of its time for the fit on all rows. */
export interface FitReserve {
  look(trial: SearchedTrial): void;
  ms(): number;
}

/**
 * Time for the fit of the best trial so far: no fit of a first look begins that would take from it. It cannot hold where
 * the first trials already took that time, nor for a fit that has begun, which runs to its end.
 */
export function reserveForFit(
  extent: Pick<SampleFacts, 'usedRows' | 'allRows' | 'folds'>,
  metric: SelectionMetric | null,
): FitReserve {
  let best: SearchedTrial | undefined;
  return {
    look: (trial) => {
      if (metric === null || trial.failure !== null) return;
      best = best === undefined ? trial : rankTrials([best, trial], metric)[0];
    },
    ms: () => (best === undefined ? 0 : finalFitMs([best], extent)),
  };
}
