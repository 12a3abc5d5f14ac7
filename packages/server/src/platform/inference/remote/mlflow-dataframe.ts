import { MISSING_TIME } from '@fairlead/num';
import type { NamedTensor } from '../inference-types.js';

/** A column of a model's signature. */
export interface MlflowColumn {
  readonly name: string;
  readonly type: 'number' | 'integer' | 'boolean' | 'string' | 'timestamp';
  readonly nullable: boolean;
}

type Cell = string | number | boolean | null;

/** The body of a request: `dataframe_split`, whose columns keep their order. What is missing is null. */
export function writeDataframe(inputs: readonly NamedTensor[], columns: readonly MlflowColumn[]): Buffer {
  const dataframe = { columns: columns.map(({ name }) => name), data: rowsOf(inputs, columns) };
  return Buffer.from(JSON.stringify({ dataframe_split: dataframe }));
}

/** The body of a request for a model of one tensor: `inputs`, which casts to the type that the model's signature names. */
export function writeTensor(
  inputs: readonly NamedTensor[],
  columns: readonly MlflowColumn[],
  name: string | null,
): Buffer {
  const rows = rowsOf(inputs, columns);
  return Buffer.from(JSON.stringify({ inputs: name === null ? rows : { [name]: rows } }));
}

function rowsOf(inputs: readonly NamedTensor[], columns: readonly MlflowColumn[]): Cell[][] {
  const readers = columns.map((column) => {
    const data = inputs.find(({ name }) => name === column.name)?.data ?? [];
    return (row: number) => cellOf(data[row] as number | bigint | string, column);
  });
  const rows = inputs[0]?.shape[0] ?? 0;
  return Array.from({ length: rows }, (_, row) => readers.map((read) => read(row)));
}

function cellOf(value: number | bigint | string, { type, nullable }: MlflowColumn): Cell {
  if (typeof value === 'string') return value === '' && nullable ? null : value;
  if (typeof value === 'bigint') return value === MISSING_TIME ? null : new Date(Number(value)).toISOString();
  if (Number.isNaN(value)) return null;
  return type === 'boolean' ? value === 1 : shortest(value);
}

/**
 * The number with the fewest digits that is this one as a Float32: what the caller sent, up to seven digits. The model there
 * computes in Float64, where 0.1 as a Float32 would be 0.10000000149.
 */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}
