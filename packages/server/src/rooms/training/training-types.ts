import type { Table } from '@fairlead/frame';
import type {
  FeatureNeeds,
  Params,
  PreprocessDecision,
  PreprocessSpec,
  PrunerSpec,
  SamplerSpec,
  SearchSpace,
  StopSpec,
  StudyEvent,
  StudySpec,
  Task,
  WrittenParam,
} from '@fairlead/num';
import type { ChangeContext } from '../../platform/db/index.js';

/** One of the names in the trainer catalogue of packages/num. */
export type TrainerName = string;

/** One family of models to try; lists of values are expanded to a grid, but for parameters that are lists themselves. */
export interface CandidateSpec {
  readonly trainer: TrainerName;
  readonly params?: Readonly<Record<string, WrittenParam>>;
  /** What its features shall be otherwise than the trainer's needs say; no wire carries it. */
  readonly needs?: Partial<FeatureNeeds>;
}

/** What trials are compared by; which task each belongs to stands in SELECTION_METRICS. */
export type SelectionMetric =
  | 'brier'
  | 'log-loss'
  | 'roc-auc'
  /** Of three or more classes: the mean over classes against the rest, or over pairs of classes. */
  | 'roc-auc-ovr'
  | 'roc-auc-ovo'
  | 'accuracy'
  | 'balanced-accuracy'
  | 'f1-macro'
  | 'rmse'
  | 'mae'
  | 'r2'
  /** Of the quantile `alpha` of the request. */
  | 'pinball'
  | 'poisson-deviance'
  | 'inertia'
  | 'silhouette';

/** How candidates are compared: on later rows, on rows left out at random, on whole groups, or on one part left out. */
export type Validation =
  | FlatValidation
  /** Candidates are compared by `inner`; `outer` judges the whole search on rows that it never saw. */
  | { readonly kind: 'nested'; readonly outer: FlatValidation; readonly inner: FlatValidation };

export type FlatValidation =
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
  /** Of the one trainer among the candidates. Default: the trainer's own. */
  readonly space?: SearchSpace;
  /** The same by trainer, where there are several; those that are not named keep their own. */
  readonly spaces?: Readonly<Record<TrainerName, SearchSpace>>;
  /** Tried first, in this order; parameters of the space that are left out are sampled. */
  readonly enqueue?: readonly Params[];
  /** Ends a study before its trials are used up. */
  readonly stop?: Pick<StopSpec, 'patience' | 'target'>;
  /** What the study works towards, the selection metric among them. Default: that alone. */
  readonly objectives?: readonly SelectionMetric[];
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
  /** Taken for every candidate instead of what would be inferred; the model then reads the columns that it names. */
  readonly preprocess?: PreprocessSpec;
  readonly candidates: readonly CandidateSpec[];
  /** Searches the parameters of each candidate that has no value yet; without it candidates are a grid. */
  readonly search?: SearchSpec;
  readonly validation: Validation;
  /** Absent only for anomalies, which nothing judges without labels. */
  readonly metric?: SelectionMetric;
  /** The quantile of the metric `pinball`, 0..1. Default 0.5. */
  readonly alpha?: number;
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
  /** Cells of rows that came with the model as its example, as many in each column. */
  readonly examples?: readonly (string | number | boolean)[];
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
  /** Of a model that a program serves: its columns are one tensor [rows, columns] of that name there; null: it has none. */
  readonly tensor?: { readonly name: string | null };
  /**
   * The one input that an ONNX model had where it was made, when its columns are the elements of it: a request may name it in their place.
   * Shape: -1 is the rows, the others multiply to the number of columns.
   */
  readonly ownTensor?: { readonly name: string; readonly datatype: string; readonly shape: readonly number[] };
}

export interface TrialResult {
  readonly number: number;
  readonly trainer: TrainerName;
  readonly params: Readonly<Record<string, number | string | boolean | null>>;
  /** Mean and values of the selection metric over the folds. The mean is null when the trial failed or nothing was compared. */
  readonly score: number | null;
  readonly foldScores: readonly number[];
  readonly fitMs: number;
  /** Pruned: given up before its last fold, because it would not win. */
  readonly state: 'completed' | 'pruned' | 'failed';
  /** Means by metric of a search with several objectives, of a trial that completed. */
  readonly objectives?: Readonly<Record<string, number>>;
  /** With several objectives: no other trial is better in all of them. */
  readonly paretoOptimal?: boolean;
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

/** One outer fold: the search was done on its training rows alone, its winner judged on the others. */
export interface OuterFold {
  readonly trainer: TrainerName;
  readonly params: Readonly<Record<string, number | string | boolean | null>>;
  /** What the winner had in the inner folds: the best of many, so too good. */
  readonly innerScore: number;
  readonly outerScore: number;
  readonly trainRows: number;
  readonly testRows: number;
}

/** What the search as a whole is worth on rows that it never saw. */
export interface NestedScore {
  readonly metric: SelectionMetric;
  /** Mean of the outer scores. */
  readonly score: number;
  /** Sample standard deviation over the outer folds; null of one. */
  readonly standardDeviation: number | null;
  readonly folds: readonly OuterFold[];
  /** Outer folds without a score, and why. */
  readonly failures: readonly { readonly fold: number; readonly code: string; readonly message: string }[];
}

export interface TrainResult {
  readonly best: TrialResult;
  /** Best first. */
  readonly leaderboard: readonly TrialResult[];
  /** Of nested validation: the score to report; that of `best` chose the model and is too good. */
  readonly nested?: NestedScore;
  /** The tuning whose best parameters were taken instead of a search. */
  readonly tuning?: { readonly digest: string };
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

/** A study with everything that it was told: it can be derived anew and verified. */
export interface StudyLog {
  readonly trainer: TrainerName;
  readonly spec: StudySpec;
  readonly events: readonly StudyEvent[];
  /** Of a study on the training rows of an outer fold, from 0. */
  readonly outerFold?: number;
}

/** What a search alone found. */
export interface TuneResult {
  readonly best: TrialResult;
  /** Best first. */
  readonly leaderboard: readonly TrialResult[];
  readonly nested?: NestedScore;
  /** Everything that the studies were told: `verifyStudy` of packages/num derives each suggestion anew. */
  readonly studies: readonly StudyLog[];
  readonly comparedRows: number;
  readonly leftOut: readonly PreprocessDecision[];
  readonly notes: readonly string[];
}

export interface TrainingJob {
  readonly table: Table;
  readonly request: TrainRequest;
  readonly experiment: string;
  readonly parentRunId: string | null;
  readonly time: string | null;
  readonly entity: readonly string[];
  /** Columns of whole numbers by their contract; the signature then says `integer`. */
  readonly integers?: readonly string[];
}

export interface TrainingOptions {
  readonly signal?: AbortSignal;
  /** Default: the cores. The result does not depend on it. */
  readonly threads?: number;
  readonly progress?: (ratio: number, message: string) => void;
}

export interface TrainingService {
  /**
   * Searches, fits the best on all given rows, packages it and checks the package. CPU work runs in worker threads. With a
   * tuning nothing is searched: its best is fitted as `request` has it.
   */
  train(
    context: ChangeContext,
    job: TrainingJob & { readonly tuning?: { readonly digest: string; readonly result: TuneResult } },
    options?: TrainingOptions,
  ): Promise<TrainResult>;
  /** Searches and no more: every trial becomes a nested run, and the studies can be verified. */
  tune(context: ChangeContext, job: TrainingJob, options?: TrainingOptions): Promise<TuneResult>;
}

/** Where the rows came from and who asked. */
export interface StepSource {
  readonly splitId: string;
  readonly datasetVersionId: string;
  readonly part: string;
  readonly pipeline: string;
  readonly pipelineRunId: string;
  readonly trackingRunId: string;
}

/** What a tune step did and from what: the content of its `tuning` output. */
export interface TuningRecord extends TuneResult {
  readonly kind: 'fairlead.tuning';
  readonly version: 1;
  readonly request: TrainRequest;
  readonly source: StepSource;
}

/** What a train step did and from what: the content of its `training` output. */
export interface TrainingRecord {
  readonly kind: 'fairlead.training';
  readonly version: 1;
  readonly result: TrainResult;
  readonly request: TrainRequest;
  readonly source: StepSource;
}
