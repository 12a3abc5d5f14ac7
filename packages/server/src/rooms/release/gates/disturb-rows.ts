import type { Rng } from '@fairlead/num';
import type { ModelInput, ModelSignature } from '../../training/index.js';
import type { InputRow } from './input-rows.js';

export type Disturbance = 'noise' | 'missing' | 'outOfRange';

type Value = string | number;

/**
 * The same rows with their inputs disturbed: normal noise of `share` standard deviations on every numeric input, one input
 * left out, or one number or text far outside of what was seen. Null: the model has no input that could be.
 */
export function disturbRows(
  rows: readonly InputRow[],
  { inputs }: Pick<ModelSignature, 'inputs'>,
  { kind, share, rng }: { readonly kind: Disturbance; readonly share: number; readonly rng: Rng },
): InputRow[] | null {
  if (kind === 'missing') {
    return rows.map((row) => {
      const { name } = inputs[rng.int(inputs.length)] as ModelInput;
      return Object.fromEntries(Object.entries(row).filter(([key]) => key !== name));
    });
  }
  const numeric = inputs.filter(({ type }) => type === 'number' || type === 'integer');
  if (kind === 'noise') {
    if (numeric.length === 0) return null;
    const spreads = numeric.map((input) => [input, share * deviationOf(rows, input.name)] as const);
    return rows.map((row) => ({ ...row, ...noisy(row, spreads, rng) }));
  }
  const open = [...numeric, ...inputs.filter(({ type }) => type === 'string')];
  if (open.length === 0) return null;
  return rows.map((row) => {
    const input = open[rng.int(open.length)] as ModelInput;
    return { ...row, [input.name]: outside(input, rng) };
  });
}

function noisy(row: InputRow, spreads: readonly (readonly [ModelInput, number])[], rng: Rng): Record<string, number> {
  return Object.fromEntries(
    spreads.flatMap(([{ name, type }, spread]) => {
      const value = row[name];
      if (typeof value !== 'number' || !Number.isFinite(value)) return [];
      const moved = value + spread * rng.normal();
      return [[name, type === 'integer' ? Math.round(moved) : moved] as const];
    }),
  );
}

/** Ten ranges beyond the range that training saw, on either side; a text that nobody has seen. */
function outside({ type, min, max }: ModelInput, rng: Rng): Value {
  if (type === 'string') return 'never seen before';
  const low = min ?? 0;
  const high = max ?? low + 1;
  const beyond = 10 * (high - low || 1);
  const value = rng.next() < 0.5 ? low - beyond : high + beyond;
  return type === 'integer' ? Math.round(value) : value;
}

function deviationOf(rows: readonly InputRow[], name: string): number {
  const values = rows.map((row) => row[name]).filter((value) => typeof value === 'number' && Number.isFinite(value));
  return standardDeviation(values as number[]);
}

/** Of a sample; 0 of fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
