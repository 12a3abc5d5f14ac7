import type { Table } from '@fairlead/frame';
import type { Interval } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';
import type { ModelSignature } from '../training/index.js';

/** A forecast without skill that every model must beat. */
export type BaselineSpec =
  /** Of classes: their shares in the training part. */
  | { readonly kind: 'majority' }
  /** Of numbers: their mean or median in the training part. */
  | { readonly kind: 'mean' }
  | { readonly kind: 'median' }
  /**
   * "Tomorrow as today". Of classes P(label | value of `column` now), learnt from the training part; of numbers the value of a
   * number column itself, or the mean per value of another.
   */
  | { readonly kind: 'persistence'; readonly column: string }
  /** The user's own rule: an SQL expression over the row that gives a probability 0..1 of the second label, or the number. */
  | { readonly kind: 'rule'; readonly name: string; readonly sql: string };

/** Of two classes the second one's; of more the unweighted mean over the classes where a score is about one class. */
export interface ClassScores {
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly mcc: number;
  readonly rocAuc: number;
  readonly averagePrecision: number;
  readonly logLoss: number;
  readonly brier: number;
  readonly ece: number;
}

export interface BaselineComparison {
  readonly baseline: string;
  readonly scores: ClassScores;
  /** Brier skill score over this baseline: 1 - brier(model) / brier(baseline), with a bootstrap interval on the same rows. */
  readonly brierSkill: Interval;
  readonly accuracyGain: Interval;
}

export interface SliceResult {
  readonly slice: string;
  readonly rows: number;
  readonly brier: number;
  readonly accuracy: Interval;
  /** Brier of the slice minus Brier of all rows. */
  readonly excessBrier: number;
  readonly pValueAdjusted: number;
}

/** What a report was asked beside model and rows; with `bootstrap` enough to judge other answers to the same rows alike. */
export type ReportQuestion = Pick<EvaluateRequest, 'trainPart' | 'baselines' | 'sliceColumns' | 'minSliceRows'>;

interface CommonReport {
  readonly id: string;
  readonly modelDigest: string;
  readonly splitId: string;
  readonly part: string;
  readonly rows: number;
  readonly intervals: Readonly<Record<string, Interval>>;
  readonly bootstrap: { readonly resamples: number; readonly blockRows: number; readonly seed: number };
  /** Reports of former versions do not say it. */
  readonly question?: ReportQuestion;
  readonly createdAtMs: number;
}

/** A report says `task` only when it is about another one than classes. */
export type EvaluationReport = ClassificationReport | RegressionReport;

export interface ClassificationReport extends CommonReport {
  readonly task?: undefined;
  readonly scores: ClassScores;
  readonly confusion: readonly (readonly number[])[];
  readonly labels: readonly string[];
  readonly calibration: readonly { readonly predicted: number; readonly observed: number; readonly rows: number }[];
  readonly baselines: readonly BaselineComparison[];
  /** The strongest baseline by Brier score: the one the gate compares with. */
  readonly strongestBaseline: string;
  readonly slices: readonly SliceResult[];
}

/** By the conventions of scikit-learn; errors are truth − prediction, in units of the target. */
export interface NumberScores {
  readonly rmse: number;
  readonly mae: number;
  readonly medianAbsoluteError: number;
  readonly maxError: number;
  readonly mape: number;
  readonly r2: number;
  readonly explainedVariance: number;
  /** Mean error: above zero the model is too low on average. */
  readonly bias: number;
}

export interface NumberComparison {
  readonly baseline: string;
  readonly scores: NumberScores;
  /** 1 − MSE(model) / MSE(baseline), with a bootstrap interval on the same rows. */
  readonly mseSkill: Interval;
  /** MAE of the baseline minus that of the model. */
  readonly maeGain: Interval;
}

export interface NumberSlice {
  readonly slice: string;
  readonly rows: number;
  readonly rmse: number;
  readonly bias: number;
  /** Mean squared error of the slice minus that of all rows. */
  readonly excessMse: number;
  readonly pValueAdjusted: number;
}

export interface RegressionReport extends CommonReport {
  readonly task: 'regression';
  readonly target: string;
  readonly scores: NumberScores;
  /** How the errors are spread. */
  readonly residuals: {
    readonly mean: number;
    readonly standardDeviation: number;
    /** NaN when all errors are equal. */
    readonly skew: number;
    readonly min: number;
    readonly max: number;
    /** Probability → quantile, at 5, 25, 50, 75 and 95 %. */
    readonly quantiles: Readonly<Record<string, number>>;
  };
  readonly baselines: readonly NumberComparison[];
  /** The baseline with the lowest mean squared error. */
  readonly strongestBaseline: string;
  /** Worst first. */
  readonly slices: readonly NumberSlice[];
}

export interface EvaluateRequest {
  readonly modelDigest: string;
  readonly signature: ModelSignature;
  readonly splitId: string;
  readonly part: string;
  /** Part the baselines learn from. */
  readonly trainPart: string;
  readonly baselines: readonly BaselineSpec[];
  /** Columns to search for weak slices; absent: the categorical inputs and binned numeric ones. */
  readonly sliceColumns?: readonly string[];
  readonly minSliceRows?: number;
  /** Default 2000. */
  readonly resamples?: number;
  readonly seed: number;
  /** The run that the report is attached to. */
  readonly trackingRunId?: string;
}

/** What somebody says of each row of a table, in order. */
export type Answers =
  | {
      readonly task: 'classification';
      /** Of each label of the signature, row-major. */
      readonly probabilities: Float64Array;
      /** Code of the label given; -1 for a label that the signature lacks. */
      readonly predicted: Int32Array;
    }
  | { readonly task: 'regression'; readonly predicted: Float64Array };

export interface AnsweredReport {
  readonly report: EvaluationReport;
  readonly signature: ModelSignature;
  /** One for each row of the report's part. */
  readonly answers: Answers;
}

/** What a model says of each row of one part, in order. */
export interface ScoredRows {
  /** Code of the true class. */
  readonly truth: Int32Array;
  /** Of the last label. */
  readonly probability: Float64Array;
  /** Brier score of the row, 0..1. */
  readonly losses: Float64Array;
  readonly label: readonly string[];
}

export interface EvaluationService {
  /** Judges a packaged model on one part of a split; the report is stored and, when asked, attached to a run. */
  evaluate(
    context: ChangeContext,
    request: EvaluateRequest,
    options?: { signal?: AbortSignal; progress?: (ratio: number, message: string) => void },
  ): Promise<{ report: EvaluationReport; digest: string }>;
  /** A stored report. Numbers that are not defined (for example the AUC of one class) are NaN. */
  report(digest: string): Promise<EvaluationReport>;
  /** Runs a packaged model over a table with its target through onnxruntime. */
  score(modelDigest: string, signature: ModelSignature, table: Table): Promise<ScoredRows>;
  /**
   * Judges answers to the rows of a stored report as the report was made: same rows, baselines, slices and seed. Equal answers give
   * an equal report. Nothing is stored.
   *
   * @throws EVAL_QUESTION_UNKNOWN for a report that does not say what it was asked
   */
  judgeAnswers(answered: AnsweredReport, options?: { signal?: AbortSignal }): Promise<EvaluationReport>;
}
