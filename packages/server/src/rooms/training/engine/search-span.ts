import type { Candidate } from '../candidate-rules.js';
import type { SearchSpec, SelectionMetric, StudyLog } from '../training-types.js';
import type { FoldSpan } from './engine-types.js';
import { runGrid } from './run-grid.js';
import { runStudy } from './run-study.js';
import type { SearchedTrial, SearchNews } from './search-news.js';
import { rankTrials } from './selection-rules.js';
import type { TrialTeam } from './trial-team.js';

export interface SpanOptions {
  /** The folds to compare in. */
  readonly span: FoldSpan;
  readonly metric: SelectionMetric;
  readonly seed: number;
  /** Absent: candidates are tried as they stand. */
  readonly search: SearchSpec | undefined;
  readonly tell: (news: SearchNews) => void;
  readonly over?: () => boolean;
}

/** Compares candidates in some folds of the team's problem: the trials, best first, and one study per searched candidate. */
export async function searchSpan(
  team: TrialTeam,
  candidates: readonly Candidate[],
  { search, metric, seed, ...options }: SpanOptions,
): Promise<{ trials: SearchedTrial[]; studies: StudyLog[] }> {
  if (search === undefined) {
    return { trials: rankTrials(await runGrid(team, candidates, options), metric), studies: [] };
  }
  const found: SearchedTrial[] = [];
  const studies: StudyLog[] = [];
  for (const [index, base] of candidates.entries()) {
    const tell = (news: SearchNews): void =>
      options.tell(
        news.type === 'progress' ? { ...news, ratio: (0.9 * index + news.ratio) / candidates.length } : news,
      );
    const study = await runStudy(team, base, {
      ...{ ...options, search, metric, seed, tell },
      numberFrom: found.length + 1,
    });
    found.push(...study.trials);
    studies.push(study.log);
  }
  return { trials: rankTrials(found, metric), studies };
}
