import type { Params } from '../trainers/param-types.js';
import type { TrialState } from './search-types.js';

/** A trial as samplers and pruners see it. Losses are values × sign: less is better in every objective. */
export interface TrialNote {
  readonly trial: number;
  readonly params: Params;
  /** Inner coordinate per parameter by name; NaN where it is absent. */
  readonly inner: Float64Array;
  state: TrialState;
  values: readonly number[];
  losses: readonly number[];
  violation: number;
  readonly steps: number[];
  /** Reported losses; NaN where the value was not finite. */
  readonly reports: number[];
  reason?: string;
  /** Scratch of TPE: 0 left out, 1 good, 2 bad; and the place among its like. */
  side: number;
  place: number;
}
