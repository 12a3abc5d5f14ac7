import type { StudyState } from '../study-state.js';
import type { TrialNote } from '../trial-note.js';
import { selectByHypervolume } from './hypervolume-subset.js';
import { nonDominationRanks } from './non-domination.js';
import type { StudyPlan } from './sampler.js';

const LEFT_OUT = 0;
export const GOOD = 1;
export const BAD = 2;

/**
 * Marks every trial's `side` as Optuna 5 splits them: the best ⌈n/10⌉ of the n finished are good (at most 25 with one
 * objective), filled first with completed feasible trials, then pruned, then infeasible ones. All others are bad,
 * running ones too (the "constant liar": parallel workers keep apart); failed ones are left out.
 */
export function splitTrials(plan: StudyPlan, state: StudyState, constantLiar: boolean): void {
  for (const note of state.byNumber) {
    note.side = note.state === 'failed' || (note.state === 'running' && !constantLiar) ? LEFT_OUT : BAD;
  }
  const single = plan.signs.length === 1;
  const tenth = Math.ceil(0.1 * state.finishedCount);
  let wanted = single ? Math.min(tenth, 25) : tenth;
  const completed = single ? state.ranked : bestOfFront(state, wanted);
  for (const notes of [completed, state.rankedPruned, state.rankedInfeasible]) {
    for (let i = 0; i < notes.length && wanted > 0; i++, wanted--) notes[i].side = GOOD;
  }
}

/** `wanted` trials of a study with several objectives: whole fronts, and of the front that is cut those with most hypervolume. */
function bestOfFront(state: StudyState, wanted: number): readonly TrialNote[] {
  const notes = [...state.ranked].sort((a, b) => a.trial - b.trial);
  if (wanted === 0 || wanted >= notes.length) return notes;
  const losses = notes.map((note) => note.losses);
  const ranks = nonDominationRanks(losses, wanted);
  const good: number[] = [];
  for (let rank = 0; good.length < wanted; rank++) {
    const front = [...notes.keys()].filter((i) => ranks[i] === rank);
    if (good.length + front.length <= wanted) good.push(...front);
    else {
      const chosen = selectByHypervolume(
        front.map((i) => losses[i]),
        wanted - good.length,
      );
      good.push(...chosen.map((i) => front[i]));
    }
  }
  return good.map((i) => notes[i]);
}
