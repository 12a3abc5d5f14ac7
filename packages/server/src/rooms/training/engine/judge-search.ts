import type { Candidate } from '../candidate-rules.js';
import { trainingErrors } from '../training-errors.js';
import type { NestedScore, OuterFold, SearchSpec, SelectionMetric, StudyLog } from '../training-types.js';
import type { OuterPlan, Problem, UnitFailure } from './engine-types.js';
import { fitSeed } from './score-unit.js';
import type { SearchedTrial, SearchNews } from './search-news.js';
import { searchSpan } from './search-span.js';
import type { TrialTeam } from './trial-team.js';

export interface JudgeOptions {
  readonly candidates: readonly Candidate[];
  readonly metric: SelectionMetric;
  readonly search: SearchSpec | undefined;
  readonly tell: (news: SearchNews) => void;
  /** Of trials that are best first, one at least with a score. Default: the best. */
  readonly choose?: (trials: readonly SearchedTrial[]) => SearchedTrial;
}

/**
 * Nested validation (Varma & Simon, BMC Bioinformatics 2006): per outer fold the whole search is done again on its
 * training rows, and its winner is fitted on them and scored on rows that the search never saw. The mean is what the
 * search as a procedure is worth. Trials of these searches are in the studies, not in the leader board.
 *
 * @throws TRN_ALL_TRIALS_FAILED when no outer fold has a score
 */
export async function judgeSearch(
  team: TrialTeam,
  problem: Problem,
  options: JudgeOptions,
): Promise<{ nested: NestedScore; studies: StudyLog[] }> {
  const folds: OuterFold[] = [];
  const failures: { fold: number; code: string; message: string }[] = [];
  const studies: StudyLog[] = [];
  for (const [index, plan] of problem.outer.entries()) {
    const judged = await judgeFold(team, problem, { ...options, plan, index });
    studies.push(...judged.studies.map((study) => ({ ...study, outerFold: index })));
    if ('failed' in judged) failures.push({ fold: index, ...judged.failed });
    else folds.push(judged.fold);
  }
  if (folds.length === 0) {
    const [first] = failures;
    throw trainingErrors.TRN_ALL_TRIALS_FAILED(`No outer fold has a score: ${first?.code}: ${first?.message}`, {
      data: { failures },
    });
  }
  return { nested: { metric: options.metric, ...spreadOf(folds), folds, failures }, studies };
}

type Judged = { readonly studies: readonly StudyLog[] } & (
  | { readonly fold: OuterFold }
  | { readonly failed: UnitFailure }
);

async function judgeFold(
  team: TrialTeam,
  { outer, folds, seed }: Problem,
  { candidates, metric, search, tell, choose, plan, index }: JudgeOptions & { plan: OuterPlan; index: number },
): Promise<Judged> {
  const parts = outer.length + 1;
  const name = `outer fold ${index + 1} of ${outer.length}`;
  const { trials, studies } = await searchSpan(team, candidates, {
    ...{ span: plan.inner, metric, search, seed: fitSeed(seed, `outer ${index}`) },
    tell: (news) => {
      if (news.type !== 'progress') return;
      tell({ ...news, ratio: (0.9 * (index + 1) + news.ratio) / parts, message: `${name}: ${news.message}` });
    },
  });
  const [best] = trials as [SearchedTrial, ...SearchedTrial[]];
  if (best.failure !== null) return { studies, failed: best.failure };
  const winner = choose?.(trials) ?? best;
  const { trainer, params, needs } = winner;
  const unit = { number: 0, candidate: { trainer, params, ...(needs && { needs }) }, fold: plan.judge };
  const [outcome] = await team.run([unit]);
  if (!outcome || 'failed' in outcome) {
    return { studies, failed: outcome?.failed ?? { code: 'TRN_TIME_OVER', message: 'It was not fitted.' } };
  }
  const judge = folds[plan.judge];
  const rows = { trainRows: judge?.train.length ?? 0, testRows: judge?.test.length ?? 0 };
  return { studies, fold: { trainer, params, innerScore: winner.score, outerScore: outcome.score, ...rows } };
}

function spreadOf(folds: readonly OuterFold[]): Pick<NestedScore, 'score' | 'standardDeviation'> {
  const k = folds.length;
  const score = folds.reduce((sum, { outerScore }) => sum + outerScore, 0) / k;
  const squares = folds.reduce((sum, { outerScore }) => sum + (outerScore - score) ** 2, 0);
  return { score, standardDeviation: k < 2 ? null : Math.sqrt(squares / (k - 1)) };
}
