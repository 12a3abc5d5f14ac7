import { numErrors } from '../num-errors.js';
import type { BooleanSpec, NumericSpec, NumericStage } from './preprocess-types.js';
import { numbersOf, requireColumn, type TableView } from './table-view.js';

type Spec = NumericSpec | BooleanSpec;

/** The Float32 values of a number or boolean column, NaN where missing. */
export function rawNumbers(table: TableView, spec: { name: string; kind: 'numeric' | 'boolean' }): Float32Array {
  const column =
    spec.kind === 'numeric'
      ? requireColumn(table, spec.name, ['float64'])
      : requireColumn(table, spec.name, ['boolean']);
  return Float32Array.from(numbersOf(column));
}

export function fitNumericStage(table: TableView, specs: readonly Spec[]): NumericStage {
  const fill = new Float32Array(specs.length);
  const offset = new Float32Array(specs.length);
  const factor = new Float32Array(specs.length).fill(1);
  for (let f = 0; f < specs.length; f++) {
    const spec = specs[f];
    const values = rawNumbers(table, spec);
    fill[f] = spec.kind === 'boolean' ? majority(values) : centre(values, spec);
    if (spec.kind === 'boolean' || spec.scale === false) continue;
    const { mean, deviation } = moments(values, fill[f]);
    offset[f] = mean;
    // A constant feature, up to the rounding of its mean, keeps factor 1 as in scikit-learn: it teaches nothing.
    factor[f] = deviation > Math.max(1e-12 * Math.abs(mean), 1e-37) ? 1 / deviation : 1;
  }
  return { names: specs.map((spec) => spec.name), fill, offset, factor };
}

function centre(values: Float32Array, spec: NumericSpec): number {
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  const n = present.length;
  if (n === 0) {
    throw numErrors.NUM_TOO_FEW(
      `Column ${spec.name} has no value in the training rows, so nothing can stand in for it.`,
      {
        data: { column: spec.name },
      },
    );
  }
  if ((spec.impute ?? 'median') === 'median') return (present[(n - 1) >> 1] + present[n >> 1]) / 2;
  let sum = 0;
  for (const value of present) sum += value;
  return sum / n;
}

function majority(values: Float32Array): number {
  let ones = 0;
  let zeros = 0;
  for (const value of values) {
    if (value === 1) ones++;
    else if (value === 0) zeros++;
  }
  return ones > zeros ? 1 : 0;
}

/** Two passes: exact enough for values far from zero, where a sum of squares loses everything. */
function moments(values: Float32Array, fill: number): { mean: number; deviation: number } {
  let sum = 0;
  for (const value of values) sum += Number.isNaN(value) ? fill : value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += ((Number.isNaN(value) ? fill : value) - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

export function applyNumericStage(stage: NumericStage, f: number, raw: Float32Array, out: Float32Array): void {
  const fill = stage.fill[f];
  const offset = stage.offset[f];
  const factor = stage.factor[f];
  for (let row = 0; row < raw.length; row++) {
    const value = Number.isNaN(raw[row]) ? fill : raw[row];
    out[row] = Math.fround(value - offset) * factor;
  }
}
