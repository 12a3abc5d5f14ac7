import type { Table } from '@fairlead/frame';
import type { ClassificationReport, RegressionReport } from './evaluation-types.js';
import type { Forecast, Truth } from './score-classes.js';

interface CommonInput {
  /** The columns to slice by. */
  readonly sliceTable: Table;
  readonly minSliceRows: number | null;
  readonly bootstrap: ClassificationReport['bootstrap'];
}

/** What the judging thread is given of a classifier. Rows stand in time order where they have a time. */
export interface ClassInput extends CommonInput {
  readonly task: 'classification';
  readonly truth: Truth;
  readonly model: Forecast;
  readonly baselines: readonly { readonly name: string; readonly probabilities: Float64Array }[];
}

/** The same of a model of numbers. */
export interface NumberInput extends CommonInput {
  readonly task: 'regression';
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
  readonly baselines: readonly { readonly name: string; readonly predicted: Float64Array }[];
}

export type JudgeInput = ClassInput | NumberInput;

export type ClassJudgement = Pick<
  ClassificationReport,
  'rows' | 'scores' | 'intervals' | 'confusion' | 'calibration' | 'baselines' | 'strongestBaseline' | 'slices'
>;

export type NumberJudgement = Pick<
  RegressionReport,
  'task' | 'rows' | 'scores' | 'intervals' | 'residuals' | 'baselines' | 'strongestBaseline' | 'slices'
>;

export type Judgement = ClassJudgement | NumberJudgement;
