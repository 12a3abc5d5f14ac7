import type { Table } from '@fairlead/frame';
import type { EvaluationReport } from './evaluation-types.js';
import type { Forecast, Truth } from './score-classes.js';

/** What the judging thread is given. Rows stand in time order where they have a time. */
export interface JudgeInput {
  readonly truth: Truth;
  readonly model: Forecast;
  readonly baselines: readonly { readonly name: string; readonly probabilities: Float64Array }[];
  /** The columns to slice by. */
  readonly sliceTable: Table;
  readonly minSliceRows: number | null;
  readonly bootstrap: EvaluationReport['bootstrap'];
}

export type Judgement = Pick<
  EvaluationReport,
  'rows' | 'scores' | 'intervals' | 'confusion' | 'calibration' | 'baselines' | 'strongestBaseline' | 'slices'
>;
