import type { Candidate } from '../candidate-rules.js';
import type { SelectionMetric } from '../training-types.js';
import type { FoldSpan } from './engine-types.js';
import type { SearchedTrial, SearchNews } from './search-news.js';
import { failureOf, type TrialTeam } from './trial-team.js';

export interface GridOptions {
  readonly span: FoldSpan;
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
  { span, tell, over }: GridOptions,
): Promise<SearchedTrial[]> {
  const { from, count: foldCount } = span;
  const trials = candidates.map((candidate, index) => new OpenTrial(candidate, index + 1, { foldCount }));
  const units = trials.flatMap(({ candidate, number }) =>
    Array.from({ length: foldCount }, (_, fold) => ({ number, candidate, fold: from + fold })),
  );
  let done = 0;
  await team.run(units, {
    ...(over && { over }),
    onStart: ({ number, candidate }) => {
      const trial = trials[number - 1] as OpenTrial;
      if (!trial.started) tell({ type: 'trial-started', number, candidate });
      trial.started = true;
    },
    onDone: ({ number, fold: at, candidate }, outcome) => {
      const fold = at - from;
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
  readonly #metrics: readonly SelectionMetric[];
  readonly #sums: Float64Array;
  #failure: SearchedTrial['failure'] = null;
  #pruned = false;
  #fitMs = 0;
  #done = 0;
  started = false;

  /** @param shape `metrics`: those of a search with several objectives, the selection metric first. */
  constructor(
    candidate: Candidate,
    number: number,
    shape: { foldCount: number; metrics?: readonly SelectionMetric[] },
  ) {
    this.candidate = candidate;
    this.number = number;
    this.#scores = new Array<number | undefined>(shape.foldCount).fill(undefined);
    this.#metrics = shape.metrics ?? [];
    this.#sums = new Float64Array(this.#metrics.length);
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
    this.#pruned = true;
    this.#failure = { code: 'TRN_TRIAL_PRUNED', message: 'It was worse than other trials and was given up.' };
    return this.finish();
  }

  take(fold: number, outcome: Parameters<typeof failureOf>[0]): void {
    this.#done += 1;
    this.#fitMs += outcome.fitMs;
    if ('score' in outcome) {
      this.#scores[fold] = outcome.score;
      [outcome.score, ...outcome.others].forEach((value, i) => {
        if (i < this.#sums.length) this.#sums[i] = (this.#sums[i] as number) + value;
      });
    } else this.#failure ??= failureOf(outcome) ?? null;
  }

  finish(): SearchedTrial {
    const foldScores = this.#scores.filter((score) => score !== undefined);
    const whole = this.#failure === null && foldScores.length === this.#scores.length;
    const score = whole ? foldScores.reduce((sum, value) => sum + value, 0) / foldScores.length : Number.NaN;
    const unfinished = { code: 'TRN_TIME_OVER', message: 'The time for the search was over.' };
    const failure = whole ? null : (this.#failure ?? unfinished);
    const means = this.#metrics.map((metric, i) => [metric, (this.#sums[i] as number) / foldScores.length] as const);
    return {
      ...{ ...this.candidate, number: this.number, score, foldScores, fitMs: this.#fitMs, failure },
      pruned: this.#pruned,
      ...(whole && means.length > 1 && { objectives: Object.fromEntries(means) }),
    };
  }
}
