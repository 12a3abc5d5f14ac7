import type { Table } from '@fairlead/frame';
import type { PreprocessDecision, PrunerSpec, SamplerSpec, SearchSpace, Task } from '@fairlead/num';
import type { ChangeContext } from '../../platform/db/index.js';

/** One of the names in the trainer catalogue of packages/num. */
export type TrainerName = string;

/** One family of models to try; lists of values are expanded to a grid. */
export interface CandidateSpec {
  readonly trainer: TrainerName;
  readonly params?: Readonly<
    Record<string, number | string | boolean | null | readonly (number | string | boolean | null)[]>
  >;
}

/** What trials are compared by; which task each belongs to stands in SELECTION_METRICS. */
export type SelectionMetric =
  | 'brier'
  | 'log-loss'
  | 'roc-auc'
  | 'accuracy'
  | 'balanced-accuracy'
  | 'f1-macro'
  | 'rmse'
  | 'mae'
  | 'r2'
  | 'inertia';

/** How candidates are compared: on later rows, on rows left out at random, on whole groups, or on one part left out. */
export type Validation =
  | {
      readonly kind: 'time-series';
      readonly folds: number;
      readonly gap?: number;
      readonly window?: 'expanding' | 'sliding';
    }
  | { readonly kind: 'k-fold'; readonly folds: number }
  | { readonly kind: 'group'; readonly folds: number; readonly column: string }
  /** The last rows by time where the table has a time, random ones otherwise. */
  | { readonly kind: 'hold-out'; readonly ratio: number };

export interface SearchSpec {
  readonly sampler: SamplerSpec;
  /** Per trainer. */
  readonly trials: number;
  readonly pruner?: PrunerSpec;
  /** Trials asked for at a time; the suggestions depend on it, not on threads. Default 2, with a pruner 4. */
  readonly parallel?: number;
  /** Default: the trainer's own. */
  readonly space?: SearchSpace;
}

export interface TrainRequest {
  /** Empty for tasks without a target: clustering and anomaly. */
  readonly target: string;
  /** Default: classification for booleans and texts, regression for numbers. */
  readonly task?: Task;
  /** Label names in the order of their class index; for a boolean target the second is "true". */
  readonly labels?: readonly string[];
  /** Model input columns; absent: every column but target, time, entity and `exclude`. */
  readonly features?: readonly string[];
  readonly exclude?: readonly string[];
  readonly candidates: readonly CandidateSpec[];
  /** Searches the parameters of each candidate that has no value yet; without it candidates are a grid. */
  readonly search?: SearchSpec;
  readonly validation: Validation;
  /** Absent only for anomalies, which nothing judges without labels. */
  readonly metric?: SelectionMetric;
  /** No further fit of a trial begins after so long; trials that were not finished by then have failed. */
  readonly timeBudgetMs?: number;
  readonly seed: number;
}

export interface ModelInput {
  readonly name: string;
  readonly type: 'number' | 'integer' | 'boolean' | 'string' | 'timestamp';
  /** Range or categories seen in training, for warnings at the border and for monitoring. */
  readonly min?: number;
  readonly max?: number;
  readonly categories?: readonly string[];
  /** True when training had missing values in it or the model imputes them: a missing value is then accepted. */
  readonly nullable: boolean;
}

/** What a packaged model takes and gives. It travels inside the ONNX file as `fairlead.signature`. */
export interface ModelSignature {
  readonly task: Task;
  readonly inputs: readonly ModelInput[];
  /** Empty when it was learned without a target. */
  readonly target: string;
  /** Class labels in the order of the probabilities; empty for other tasks. */
  readonly labels: readonly string[];
  /** Columns a caller may send along that the model does not read: time, entity. They are captured. */
  readonly contextColumns: readonly string[];
}

export interface TrialResult {
  readonly number: number;
  readonly trainer: TrainerName;
  readonly params: Readonly<Record<string, number | string | boolean | null>>;
  /** Mean and values of the selection metric over the folds. The mean is null when the trial failed or nothing was compared. */
  readonly score: number | null;
  readonly foldScores: readonly number[];
  readonly fitMs: number;
  /** Why the trial has no score. */
  readonly failure?: { readonly code: string; readonly message: string };
  readonly trackingRunId: string | null;
}

export interface ParityResult {
  readonly rows: number;
  readonly maxAbsDifference: number;
  readonly labelsEqual: boolean;
  readonly tolerance: number;
  readonly verdict: 'pass' | 'fail';
}

export interface TrainResult {
  readonly best: TrialResult;
  /** Best first. */
  readonly leaderboard: readonly TrialResult[];
  readonly signature: ModelSignature;
  /** The packaged model: one ONNX graph from raw columns to label and probabilities. */
  readonly model: { readonly digest: string; readonly sizeBytes: number };
  /** Our own predictions against onnxruntime's on training rows and rows exactly on thresholds. */
  readonly parity: ParityResult;
  readonly trainedRows: number;
  /** The log of the search, when there was one. */
  readonly study?: { readonly digest: string; readonly sizeBytes: number };
  /** What became of each column and why, those left out first; of one column the later decision is the finer. */
  readonly decisions?: readonly PreprocessDecision[];
  /** What the trials did otherwise than the fit on all rows, and why; absent when nothing. */
  readonly notes?: readonly string[];
}

export interface TrainingService {
  /** Searches, fits the best on all given rows, packages it and checks the package. CPU work runs in a worker thread. */
  train(
    context: ChangeContext,
    job: {
      table: Table;
      request: TrainRequest;
      experiment: string;
      parentRunId: string | null;
      time: string | null;
      entity: readonly string[];
      /** Columns of whole numbers by their contract; the signature then says `integer`. */
      integers?: readonly string[];
    },
    options?: {
      signal?: AbortSignal;
      /** Default: the cores. The result does not depend on it. */
      threads?: number;
      progress?: (ratio: number, message: string) => void;
    },
  ): Promise<TrainResult>;
}

/** What a train step did and from what: the content of its `training` output. */
export interface TrainingRecord {
  readonly kind: 'fairlead.training';
  readonly version: 1;
  readonly result: TrainResult;
  readonly request: TrainRequest;
  readonly source: {
    readonly splitId: string;
    readonly datasetVersionId: string;
    readonly part: string;
    readonly pipeline: string;
    readonly pipelineRunId: string;
    readonly trackingRunId: string;
  };
}
