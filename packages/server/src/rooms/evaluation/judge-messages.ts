import type { Table } from '@fairlead/frame';
import type { EvaluationReport } from './evaluation-types.js';
import type { Forecast } from './score-binary.js';

/** What the judging thread is given. Rows stand in time order where they have a time. */
export interface JudgeInput {
  readonly truth: Int32Array;
  readonly model: Forecast;
  readonly baselines: readonly { readonly name: string; readonly probability: Float64Array }[];
  /** The columns to slice by. */
  readonly sliceTable: Table;
  readonly minSliceRows: number | null;
  readonly bootstrap: EvaluationReport['bootstrap'];
}

export type Judgement = Pick<
  EvaluationReport,
  'rows' | 'scores' | 'intervals' | 'confusion' | 'calibration' | 'baselines' | 'strongestBaseline' | 'slices'
>;
