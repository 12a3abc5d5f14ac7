import { createStudy, type Study, type Suggestion } from '@fairlead/num';
import type { Candidate } from '../candidate-rules.js';
import { objectivesOf, type StudyRequest, studySpecOf } from '../search-rules.js';
import type { StudyLog } from '../training-types.js';
import type { FoldSpan } from './engine-types.js';
import { OpenTrial } from './run-grid.js';
import type { SearchedTrial, SearchNews } from './search-news.js';
import type { TrialTeam } from './trial-team.js';

export interface StudyOptions extends StudyRequest {
  /** Trials are numbered after it. */
  readonly numberFrom: number;
  readonly span: FoldSpan;
  readonly tell: (news: SearchNews) => void;
  readonly over?: () => boolean;
}

/**
 * Searches the parameters of one trainer; `base` holds those that stay as they are. Trials are asked for in rounds and go
 * through the folds step by step, every trial of a round before the next step, so that what the study knows at each
 * question does not depend on threads or timing.
 */
export async function runStudy(
  team: TrialTeam,
  base: Candidate,
  options: StudyOptions,
): Promise<{ trials: SearchedTrial[]; log: StudyLog }> {
  const { search } = options;
  const { pruner } = search;
  const spec = studySpecOf(base, options);
  const study = createStudy(spec);
  const done: SearchedTrial[] = [];
  const parallel = search.parallel ?? (pruner === undefined || pruner.kind === 'none' ? 2 : 4);
  while (!options.over?.()) {
    const round = ask(study, parallel);
    if (round.length === 0) break;
    done.push(...(await runRound(team, { study, base, round, done: done.length, options })));
  }
  return { trials: done, log: { trainer: base.trainer, spec, events: study.events } };
}

function ask(study: Study, count: number): Suggestion[] {
  const round: Suggestion[] = [];
  for (let next = study.ask(); next !== null; next = study.ask()) {
    round.push(next);
    if (round.length === count) break;
  }
  return round;
}

interface Round {
  readonly study: Study;
  readonly base: Candidate;
  readonly round: readonly Suggestion[];
  readonly done: number;
  readonly options: StudyOptions;
}

/** Without a pruner all folds of a round are computed at once; with one, fold after fold. */
async function runRound(team: TrialTeam, { study, base, round, done, options }: Round): Promise<SearchedTrial[]> {
  const { span, numberFrom, search, metric, tell } = options;
  const { from, count: foldCount } = span;
  const metrics = objectivesOf(search, metric);
  const open = round.map(({ trial, params }) => {
    const candidate = { ...base, params: { ...base.params, ...params } };
    return { study: trial, trial: new OpenTrial(candidate, numberFrom + trial, { foldCount, metrics }), pruned: false };
  });
  for (const { trial } of open) tell({ type: 'trial-started', number: trial.number, candidate: trial.candidate });
  const folds = Array.from({ length: foldCount }, (_, fold) => fold);
  const pruning = search.pruner !== undefined && search.pruner.kind !== 'none';
  for (const step of pruning ? folds.map((fold) => [fold]) : [folds]) {
    const live = open.filter(({ pruned, trial }) => !pruned && !trial.failed);
    const units = live.flatMap(({ trial }) =>
      step.map((fold) => ({ number: trial.number, candidate: trial.candidate, fold: from + fold })),
    );
    const outcomes = await team.run(units);
    units.forEach(({ number, fold: at }, i) => {
      const outcome = outcomes[i];
      if (!outcome) return;
      const fold = at - from;
      open.find(({ trial }) => trial.number === number)?.trial.take(fold, outcome);
      if ('score' in outcome) tell({ type: 'fold-scored', number, fold, score: outcome.score });
    });
    if (!pruning || step[0] === foldCount - 1) continue;
    for (const one of live) {
      if (!one.trial.failed) one.pruned = study.report(one.study, (step[0] as number) + 1, one.trial.mean);
    }
  }
  return open.map((one, i) => {
    const finished = one.pruned ? one.trial.giveUp() : one.trial.finish();
    if (one.pruned) study.prune(one.study);
    else if (finished.failure !== null) study.fail(one.study, `${finished.failure.code}: ${finished.failure.message}`);
    else study.tell(one.study, { values: metrics.map((name) => finished.objectives?.[name] ?? finished.score) });
    tell({ type: 'trial-ended', trial: finished });
    const message = `trial ${done + i + 1} of ${search.trials}: ${base.trainer}`;
    tell({ type: 'progress', ratio: (0.9 * Math.min(search.trials, done + i + 1)) / search.trials, message });
    return finished;
  });
}
