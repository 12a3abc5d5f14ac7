import type { Candidate } from '../candidate-rules.js';
import type { SearchedTrial, SearchNews } from './search-news.js';
import { failureOf, type TrialTeam } from './trial-team.js';

export interface GridOptions {
  readonly foldCount: number;
  readonly tell: (news: SearchNews) => void;
  readonly over?: () => boolean;
}

/**
 * Scores every candidate on every fold; all fits are spread over the team's threads. A trial with a failed fit has failed
 * and keeps the reason; so has one that the time did not suffice for.
 */
export async function runGrid(
  team: TrialTeam,
  candidates: readonly Candidate[],
  { foldCount, tell, over }: GridOptions,
): Promise<SearchedTrial[]> {
  const trials = candidates.map((candidate, index) => new OpenTrial(candidate, index + 1, foldCount));
  const units = trials.flatMap(({ candidate, number }) =>
    Array.from({ length: foldCount }, (_, fold) => ({ number, candidate, fold })),
  );
  let done = 0;
  await team.run(units, {
    ...(over && { over }),
    onStart: ({ number, candidate }) => {
      const trial = trials[number - 1] as OpenTrial;
      if (!trial.started) tell({ type: 'trial-started', number, candidate });
      trial.started = true;
    },
    onDone: ({ number, fold, candidate }, outcome) => {
      const trial = trials[number - 1] as OpenTrial;
      done += 1;
      trial.take(fold, outcome);
      if ('score' in outcome) tell({ type: 'fold-scored', number, fold, score: outcome.score });
      const message = `trial ${number} of ${trials.length}: ${candidate.trainer}, fold ${fold + 1} of ${foldCount}`;
      tell({ type: 'progress', ratio: (0.9 * done) / units.length, message });
      if (trial.complete) tell({ type: 'trial-ended', trial: trial.finish() });
    },
  });
  return trials.map((trial) => trial.finish());
}

/** A trial while its folds come in, in any order. */
export class OpenTrial {
  readonly candidate: Candidate;
  readonly number: number;
  readonly #scores: (number | undefined)[];
  #failure: SearchedTrial['failure'] = null;
  #fitMs = 0;
  #done = 0;
  started = false;

  constructor(candidate: Candidate, number: number, foldCount: number) {
    this.candidate = candidate;
    this.number = number;
    this.#scores = new Array<number | undefined>(foldCount).fill(undefined);
  }

  get complete(): boolean {
    return this.#done === this.#scores.length;
  }

  get failed(): boolean {
    return this.#failure !== null;
  }

  /** Mean over the folds that were scored so far. */
  get mean(): number {
    const scores = this.#scores.filter((score) => score !== undefined);
    return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  }

  /** Ends the trial before its last fold: a pruner saw that it would not win. */
  giveUp(): SearchedTrial {
    this.#failure = { code: 'TRN_TRIAL_PRUNED', message: 'It was worse than other trials and was given up.' };
    return this.finish();
  }

  take(fold: number, outcome: Parameters<typeof failureOf>[0]): void {
    this.#done += 1;
    this.#fitMs += outcome.fitMs;
    if ('score' in outcome) this.#scores[fold] = outcome.score;
    else this.#failure ??= failureOf(outcome) ?? null;
  }

  finish(): SearchedTrial {
    const foldScores = this.#scores.filter((score) => score !== undefined);
    const whole = this.#failure === null && foldScores.length === this.#scores.length;
    const score = whole ? foldScores.reduce((sum, value) => sum + value, 0) / foldScores.length : Number.NaN;
    const unfinished = { code: 'TRN_TIME_OVER', message: 'The time for the search was over.' };
    const failure = whole ? null : (this.#failure ?? unfinished);
    return { ...this.candidate, number: this.number, score, foldScores, fitMs: this.#fitMs, failure };
  }
}
