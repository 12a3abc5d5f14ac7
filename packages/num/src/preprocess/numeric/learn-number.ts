import { numErrors } from '../../num-errors.js';
import type { NumericSpec } from '../preprocess-spec.js';
import type { TableView } from '../table-view.js';
import { medianInPlace, modeOfSorted, quantileOfFloats } from './order-statistics.js';
import { type NumberColumn, presentNumbers, readNumbers } from './read-numbers.js';

/** How a raw number is clipped and filled, before anything is made of it. All are Float32 values. */
export interface CleanNumber extends NumberColumn {
  readonly lower: number;
  readonly upper: number;
  /** NaN: a missing cell stays NaN. */
  readonly fill: number;
}

type CleanSpec = Pick<NumericSpec, 'name' | 'clipLower' | 'clipUpper' | 'impute'>;

/** Learns clipping and imputation of a float64 column. @throws NUM_COLUMN, NUM_NOT_FINITE, NUM_TOO_FEW */
export function learnNumber(table: TableView, spec: CleanSpec): CleanNumber {
  const { name, clipLower = 0, clipUpper = 1, impute = 'median' } = spec;
  const clips = clipLower > 0 || clipUpper < 1;
  const present = presentNumbers(table, { name, column: 'float64' });
  if (clips || impute === 'most-frequent') present.sort();
  const lower = clips ? Math.fround(quantileOfFloats(present, clipLower)) : Number.NEGATIVE_INFINITY;
  const upper = clips ? Math.fround(quantileOfFloats(present, clipUpper)) : Number.POSITIVE_INFINITY;
  if (clips) {
    for (let i = 0; i < present.length; i++) {
      if (present[i] < lower) present[i] = lower;
      else if (present[i] > upper) present[i] = upper;
    }
  }
  const fill = Math.fround(fillOf(present, impute));
  if (impute !== 'none' && !Number.isFinite(fill)) {
    throw numErrors.NUM_NOT_FINITE(`Column ${name} would be imputed with ${fill}.`, { data: { column: name } });
  }
  return { name, column: 'float64', lower, upper, fill };
}

/** A boolean column: 1 and 0, a missing cell becomes the more frequent of the two (0 when they are equal) or stays NaN. */
export function learnBoolean(table: TableView, name: string, impute: 'most-frequent' | 'none'): CleanNumber {
  const present = presentNumbers(table, { name, column: 'boolean' });
  let ones = 0;
  for (let i = 0; i < present.length; i++) ones += present[i];
  const fill = impute === 'none' ? Number.NaN : Number(2 * ones > present.length);
  return { name, column: 'boolean', lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY, fill };
}

/** `present` has been clipped; it is sorted when the mode is asked for. */
function fillOf(present: Float32Array, impute: NonNullable<NumericSpec['impute']>): number {
  if (impute === 'none') return Number.NaN;
  if (typeof impute === 'number') return impute;
  if (impute === 'median') return medianInPlace(present);
  if (impute === 'most-frequent') return modeOfSorted(present);
  let sum = 0;
  for (let i = 0; i < present.length; i++) sum += present[i];
  return sum / present.length;
}

/** Reads, clips and fills a column into `out`. */
export function cleanInto(table: TableView, { lower, upper, fill, ...column }: CleanNumber, out: Float32Array): void {
  readNumbers(table, column, out);
  for (let row = 0; row < out.length; row++) {
    const value = out[row];
    if (Number.isNaN(value)) out[row] = fill;
    else if (value < lower) out[row] = lower;
    else if (value > upper) out[row] = upper;
  }
}
