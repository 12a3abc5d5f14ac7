import { createRng } from '../../random/rng.js';
import { lastStep, type Pruner } from './pruner.js';
import { createHalvingPruner } from './successive-halving.js';

export interface HyperbandRule {
  readonly minResource?: number;
  readonly maxResource?: number;
  readonly reductionFactor?: number;
}

/**
 * Hyperband (Li et al., JMLR 18, 2018) as in Optuna 5: brackets of asynchronous successive halving that begin to prune
 * at different steps, trials dealt to them in the ratio of their budgets. Optuna hashes the study's name; here the
 * study's seed and the trial's number say the bracket, so that a log needs no name to be derived again. Optuna also
 * shows TPE only the trials of one bracket; here it learns from all, which starts it sooner.
 */
export function createHyperbandPruner(rule: HyperbandRule, seed: number): Pruner {
  const { minResource = 1, reductionFactor = 3 } = rule;
  const rng = createRng(seed).fork('hyperband');
  let brackets: Pruner[] = [];
  let budgets: number[] = [];

  const open = (maxResource: number): void => {
    budgets = bracketBudgets(minResource, maxResource, reductionFactor);
    brackets = budgets.map((_, rate) =>
      createHalvingPruner({ minResource, reductionFactor, minEarlyStoppingRate: rate }),
    );
  };
  if (rule.maxResource !== undefined) open(rule.maxResource);

  return {
    judge: (note) => brackets.length > 0 && brackets[bracketOf(rng.fork(note.trial).next(), budgets)].judge(note),
    completed: (note) => {
      if (brackets.length === 0 && note.steps.length > 0) open(Math.max(lastStep(note) + 1, minResource));
    },
  };
}

/** ⌈B · factor^s / (s + 1)⌉ with s = B − 1 … 0 for B = ⌊log_factor(max / min)⌋ + 1 brackets. */
export function bracketBudgets(minResource: number, maxResource: number, factor: number): number[] {
  let count = 1;
  // Not Math.log: log(243) / log(3) is 4.999…, and a bracket would be lost.
  for (let reach = minResource * factor; reach <= maxResource; reach *= factor) count++;
  return Array.from({ length: count }, (_, bracket) => {
    const s = count - 1 - bracket;
    return Math.ceil((count * factor ** s) / (s + 1));
  });
}

function bracketOf(unit: number, budgets: readonly number[]): number {
  let left = Math.floor(unit * budgets.reduce((sum, budget) => sum + budget, 0));
  for (let bracket = 0; bracket < budgets.length; bracket++) {
    left -= budgets[bracket];
    if (left < 0) return bracket;
  }
  return budgets.length - 1;
}
