import type { Candidate } from '../candidate-rules.js';
import type { UnitFailure } from './engine-types.js';

/** A candidate with what came of it. */
export interface SearchedTrial extends Candidate {
  /** From 1. */
  readonly number: number;
  /** Mean over the folds; NaN when the trial failed. */
  readonly score: number;
  /** Of the folds that were scored, in their order. */
  readonly foldScores: readonly number[];
  /** Summed over the folds, though they may have been fitted at the same time. */
  readonly fitMs: number;
  readonly failure: UnitFailure | null;
  /** Given up before its last fold; `failure` says so too. */
  readonly pruned: boolean;
  /** Means by metric of a search with several objectives; absent unless the trial completed. */
  readonly objectives?: Readonly<Record<string, number>>;
}

export type SearchNews =
  | { readonly type: 'trial-started'; readonly number: number; readonly candidate: Candidate }
  | { readonly type: 'fold-scored'; readonly number: number; readonly fold: number; readonly score: number }
  | { readonly type: 'trial-ended'; readonly trial: SearchedTrial }
  | { readonly type: 'progress'; readonly ratio: number; readonly message: string };
