import type { ParamValue, PreprocessSpec, Task, WrittenParam } from '@fairlead/num';
import type { NestedScore, ParityResult, SelectionMetric } from '../training-types.js';

export interface FitFileOptions {
  readonly path: string;
  readonly format?: 'csv' | 'jsonl' | 'parquet';
  /** Where the package goes. */
  readonly out: string;
  readonly target?: string;
  readonly task?: Task;
  /** A name of the catalogue or `auto` (default). */
  readonly model?: string;
  /** In scikit-learn's or our spelling; a list of values is a grid, but for parameters that are lists themselves. */
  readonly params?: Readonly<Record<string, WrittenParam>>;
  readonly search?: { readonly sampler: 'grid' | 'random' | 'sobol' | 'tpe' | 'nsga-ii'; readonly trials: number };
  readonly metric?: SelectionMetric;
  /** The quantile, above 0 and below 1, that the metric `pinball` judges. Default 0.5. */
  readonly alpha?: number;
  readonly timeColumn?: string;
  /** ISO 8601: rows from then on are for the test. */
  readonly testFrom?: string;
  /** Share of the rows that are for the test. Default 0.2. */
  readonly testRatio?: number;
  readonly folds?: number;
  /** Outer folds on which the whole selection is judged by rows that it never saw. */
  readonly nested?: number;
  readonly features?: readonly string[];
  readonly exclude?: readonly string[];
  /** How columns become features; only the columns that it names are read. Default: what columns and trainer suggest. */
  readonly preprocess?: PreprocessSpec;
  readonly seed?: number;
  readonly threads?: number;
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
  readonly progress?: (ratio: number, message: string) => void;
}

/** What was done with a column, and why. */
export interface ColumnReport {
  readonly name: string;
  readonly type: string;
  readonly role: 'target' | 'feature' | 'time' | 'left out';
  readonly treatment: string;
  readonly reason: string;
}

export interface Estimate {
  readonly value: number;
  /** 95 % interval; null where none is computed. */
  readonly lower: number | null;
  readonly upper: number | null;
}

export type TestScores = Readonly<Record<string, Estimate>>;

export interface LeaderRow {
  readonly name: string;
  readonly kind: 'model' | 'baseline';
  readonly params: Readonly<Record<string, ParamValue>>;
  /** What its features have that others of the trainer do not, for people; empty when nothing. */
  readonly features: string;
  /** Mean of the selection metric over the validation; null when it failed or nothing was compared. */
  readonly validation: number | null;
  readonly failure: string | null;
  readonly fitMs: number | null;
  /** Only of the chosen model and the baselines: what was compared may not be tested. */
  readonly test: TestScores | null;
}

/** The chosen model against the best simple rule on the test rows. */
export interface Comparison {
  readonly baseline: string;
  readonly metric: SelectionMetric;
  /** Improvement of the metric, positive when the model is better. */
  readonly gain: Estimate;
  readonly verdict: 'better' | 'not better' | 'worse';
  readonly words: string;
}

export interface FitTimings {
  /** From the file to a table with its columns decided. */
  readonly readMs: number;
  /** Comparing candidates, nested validation included; about 0 when there was nothing to compare. */
  readonly compareMs: number;
  /** The chosen candidate on all training rows, without packaging. */
  readonly fitMs: number;
  /** Preprocessing for the last fit, writing the package and proving that it answers as the model does. */
  readonly packageMs: number;
  /** Answers, scores, intervals and simple rules on the test rows. */
  readonly testMs: number;
}

export interface FitFileResult {
  readonly rows: number;
  readonly task: Task;
  readonly target: string | null;
  readonly labels: readonly string[];
  readonly columns: readonly ColumnReport[];
  readonly split: {
    readonly by: 'time' | 'random' | 'none';
    readonly trainRows: number;
    readonly testRows: number;
    readonly testFrom: string | null;
  };
  readonly validation: string;
  readonly metric: SelectionMetric | null;
  readonly leaderboard: readonly LeaderRow[];
  readonly chosen: {
    readonly trainer: string;
    readonly params: Readonly<Record<string, ParamValue>>;
    /** As in its row of the leader board. */
    readonly features: string;
    readonly why: string;
  };
  readonly test: TestScores;
  /** What the selection as a whole is worth; null unless nested validation was asked for. */
  readonly nested: NestedScore | null;
  readonly comparison: Comparison | null;
  readonly parity: ParityResult;
  readonly file: { readonly path: string; readonly sizeBytes: number; readonly digest: string };
  /** Wall time by part of the work. */
  readonly timings: FitTimings;
  /** What a careful reader should know. */
  readonly notes: readonly string[];
}
