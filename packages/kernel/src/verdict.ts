/** The three answers of any judgement on evidence. `insufficient` never counts for or against. */
export type Verdict = 'pass' | 'fail' | 'insufficient';

/** A lower and an upper bound around a point estimate. `confidence` is a ratio, for example 0.95. */
export interface Interval {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  readonly confidence: number;
}
