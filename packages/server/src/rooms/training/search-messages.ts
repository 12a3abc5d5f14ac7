import type { Table } from '@fairlead/frame';
import type { Fold } from '@fairlead/num';
import type { Candidate } from './candidate-rules.js';
import type { ModelSignature, SelectionMetric } from './training-types.js';

/** What the training thread is given: rows in training order with features and target encoded. */
export interface SearchInput {
  /** The feature columns only. */
  readonly table: Table;
  readonly codes: Int32Array;
  readonly signature: ModelSignature;
  readonly candidates: readonly Candidate[];
  readonly folds: readonly Fold[];
  readonly metric: SelectionMetric;
  readonly seed: number;
}

export type SearchNews =
  | { readonly type: 'trial-started'; readonly number: number; readonly candidate: Candidate }
  | { readonly type: 'fold-scored'; readonly number: number; readonly fold: number; readonly score: number }
  | { readonly type: 'trial-ended'; readonly number: number; readonly score: number; readonly fitMs: number }
  | { readonly type: 'progress'; readonly ratio: number; readonly message: string };

export interface SearchedTrial extends Candidate {
  readonly number: number;
  readonly score: number;
  readonly foldScores: readonly number[];
  readonly fitMs: number;
}

export interface SearchOutput {
  /** Best first. */
  readonly trials: readonly SearchedTrial[];
  readonly onnx: Uint8Array;
  /** Rows for the parity check and our own answers to them, row-major. */
  readonly parityRows: Table;
  readonly expected: Float64Array;
}
