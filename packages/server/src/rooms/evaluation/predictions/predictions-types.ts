import type { Interval } from '@fairlead/kernel';
import type { Slice } from '@fairlead/num';

export const PREDICTION_TASKS = [
  'classification',
  'regression',
  'clustering',
  'ranking',
  'text',
  'policy',
  'human-machine',
] as const;
export type PredictionTask = (typeof PREDICTION_TASKS)[number];

/** Which columns of a file of predictions say what. */
export interface PredictionsOptions {
  readonly task?: PredictionTask | undefined;
  /** What was true: label, value, relevance, reference text, the human's decision, or the best reward to be had. */
  readonly truth?: string | undefined;
  /** What the model said; for policy the reward that was earned. */
  readonly prediction?: string | undefined;
  /** One column: P(positive label), or the score that lists are ranked by. Several: one probability per label. */
  readonly score?: readonly string[] | undefined;
  /** The label that precision, recall and AUC of two are about. Default: the second in order. */
  readonly positive?: string | undefined;
  readonly weight?: string | undefined;
  /** Predictions of a rule that the model must beat. */
  readonly baseline?: string | undefined;
  /** Predictions of a second model, compared row by row. */
  readonly compare?: string | undefined;
  /** Query or episode of each row, for ranking and policy. */
  readonly group?: string | undefined;
  /** Rows are put in this order, and intervals keep neighbours together. */
  readonly time?: string | undefined;
  /** Metrics for each value of this column. */
  readonly by?: string | undefined;
  /** Columns that are searched for the worst slices; absent: the column of `by`. */
  readonly slices?: readonly string[] | undefined;
  /** Features for the shape of clusters. */
  readonly features?: readonly string[] | undefined;
  /** Places of a ranked list that count. Default: all. */
  readonly k?: number | undefined;
  /** Worth of a reward one step later. Default 1. */
  readonly discount?: number | undefined;
  readonly format?: 'csv' | 'jsonl' | 'parquet' | undefined;
}

/** One number with its interval where there is one. null: not defined on these rows. */
export interface MetricValue {
  readonly name: string;
  readonly value: number | null;
  readonly lower?: number | null;
  readonly upper?: number | null;
  /** How the interval was made. */
  readonly method?: string;
}

export interface BaselineVerdict {
  readonly baseline: string;
  /** The loss that both are compared by. */
  readonly loss: string;
  readonly modelLoss: number;
  readonly baselineLoss: number;
  /** 1 − model / baseline, both resampled together; above zero the model is better. null: the baseline never errs. */
  readonly skill: { readonly estimate: number | null; readonly lower: number | null; readonly upper: number | null };
}

export interface ClassResult {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
  readonly predicted: number;
}

export interface ComparisonResult {
  readonly name: string;
  /** First model minus the one compared with. */
  readonly difference: Interval;
  readonly pValue: number | null;
  readonly method: string;
}

export interface GroupResult {
  readonly group: string;
  readonly rows: number;
  readonly metrics: Readonly<Record<string, number | null>>;
}

/** What a task's own part of the work gives. */
export interface TaskResult {
  readonly metrics: readonly MetricValue[];
  readonly baselines: readonly BaselineVerdict[];
  readonly labels?: readonly string[];
  /** Rows are the truth. */
  readonly confusion?: readonly (readonly number[])[];
  readonly perClass?: readonly ClassResult[];
  readonly curves?: Readonly<Record<string, unknown>>;
  readonly residuals?: Readonly<Record<string, unknown>>;
  readonly comparison?: readonly ComparisonResult[];
  /** Higher is worse; for slices. */
  readonly losses?: Float64Array;
  readonly lossName?: string;
  /** Metrics of some of the rows. */
  readonly scoreRows?: (rows: Int32Array) => Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

/** Everything that a file of predictions tells about a model. NaN never occurs: what is not defined is null. */
export interface PredictionsReport extends Omit<TaskResult, 'losses' | 'scoreRows' | 'lossName'> {
  readonly task: PredictionTask;
  /** Why this task; null when it was asked for. */
  readonly taskInferred: string | null;
  readonly rows: {
    readonly read: number;
    readonly judged: number;
    /** Reason → rows. */
    readonly leftOut: Readonly<Record<string, number>>;
  };
  readonly confidence: number;
  /** Rows drawn together by the bootstrap; 'auto': measured, because rows have a time. */
  readonly blocks: 1 | 'auto';
  readonly verdict: {
    /** null: there is no baseline, or chance alone could explain the difference. */
    readonly beatsBaseline: boolean | null;
    readonly text: string;
  };
  readonly groups?: readonly GroupResult[];
  readonly slices?: {
    readonly loss: string;
    readonly overallMeanLoss: number;
    readonly tested: number;
    readonly worst: readonly Slice[];
  };
}
