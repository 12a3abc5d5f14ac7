import type { Table } from '@fairlead/frame';
import type { Fold, PreprocessDecision, PreprocessSpec, Task } from '@fairlead/num';
import type { Candidate } from '../candidate-rules.js';
import type { ModelSignature, SelectionMetric } from '../training-types.js';

/** What is learned, one per row; `none` for tasks without a target. */
export type ProblemTarget =
  | { readonly kind: 'classes'; readonly codes: Int32Array; readonly labels: readonly string[] }
  | { readonly kind: 'numbers'; readonly values: Float64Array }
  | { readonly kind: 'none' };

/** The folds [from, from + count) of a problem. */
export interface FoldSpan {
  readonly from: number;
  readonly count: number;
}

/** The folds in which an outer fold's search compares, and the fold that judges its winner. */
export interface OuterPlan {
  readonly inner: FoldSpan;
  readonly judge: number;
}

/** Everything that trials share: rows in training order with the target taken apart. Its arrays stand in shared memory. */
export interface Problem {
  readonly task: Task;
  /** The feature columns only. */
  readonly table: Table;
  readonly target: ProblemTarget;
  readonly signature: ModelSignature;
  /** Absent: each trainer gets what suits its needs. */
  readonly preprocess?: PreprocessSpec | undefined;
  /** Empty when there is nothing to compare. First those that choose the model, then those of `outer`. */
  readonly folds: readonly Fold[];
  /** Which folds choose the model. */
  readonly span: FoldSpan;
  /** Of nested validation, per outer fold; empty otherwise. */
  readonly outer: readonly OuterPlan[];
  /** Null when there is nothing to compare. */
  readonly metric: SelectionMetric | null;
  /** Further metrics that a search works towards. */
  readonly objectives: readonly SelectionMetric[];
  /** The quantile of the metric `pinball`. */
  readonly alpha?: number | undefined;
  readonly seed: number;
  /** Goes into the package as it is; must be equal for equal trainings. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** One fit: a candidate on the training rows of a fold, scored on the others. */
export interface TrialUnit {
  readonly number: number;
  readonly candidate: Candidate;
  readonly fold: number;
}

/** A fit that failed for a reason in the rows or parameters fails its trial, not the search. */
export type UnitOutcome =
  | {
      readonly score: number;
      /** Of the problem's further objectives, in their order. */
      readonly others: readonly number[];
      readonly fitMs: number;
    }
  | { readonly failed: UnitFailure; readonly fitMs: number };

export interface UnitFailure {
  readonly code: string;
  readonly message: string;
}

export type EngineRequest =
  | { readonly type: 'score'; readonly unit: TrialUnit; readonly threads: number }
  | { readonly type: 'package'; readonly candidate: Candidate; readonly threads: number };

export interface PackagedCandidate {
  readonly onnx: Uint8Array;
  /** Rows for the parity check and our own answers to them, row-major. */
  readonly parityRows: Table;
  readonly expected: { readonly values: Float64Array; readonly width: number };
  readonly fitMs: number;
  /** How columns are treated and why, for people. */
  readonly decisions: readonly PreprocessDecision[];
}

export type EngineAnswer = UnitOutcome | PackagedCandidate;
