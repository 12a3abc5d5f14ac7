import { columnOf, isPresent, type StringColumn, type Table } from '@fairlead/frame';
import { MISSING_TIME } from '@fairlead/num';
import type { NamedTensor } from '../../platform/inference/index.js';
import { trainingErrors } from './training-errors.js';
import type { ModelInput } from './training-types.js';

/**
 * The rows at `rows` (default all) as a packaged model takes them: FP32 [n, 1] with NaN for missing, BYTES [n, 1] with '', INT64
 * [n, 1] with its minimum.
 *
 * @throws TRN_INPUT_KIND, FRAME_COLUMN_NOT_FOUND
 */
export function tensorsOfTable(
  inputs: readonly Pick<ModelInput, 'name' | 'type'>[],
  table: Table,
  rows: Uint32Array = Uint32Array.from({ length: table.rowCount }, (_, row) => row),
): NamedTensor[] {
  const shape = [rows.length, 1];
  return inputs.map(({ name, type }) => {
    const column = columnOf(table, name);
    if (type === 'string' && column.kind === 'string') {
      return { name, datatype: 'BYTES' as const, shape, data: textOf(column, rows) };
    }
    if (column.kind === (type === 'boolean' ? 'boolean' : 'float64')) {
      return { name, datatype: 'FP32' as const, shape, data: numbersOf(column, rows) };
    }
    if (type === 'timestamp' && column.kind === 'timestamp') {
      return { name, datatype: 'INT64' as const, shape, data: timesOf(column, rows) };
    }
    throw trainingErrors.TRN_INPUT_KIND(`The model reads ${name} as ${type}, but the column is ${column.kind}.`, {
      data: { column: name, type, kind: column.kind },
    });
  });
}

function textOf(column: StringColumn, rows: Uint32Array): string[] {
  const out = new Array<string>(rows.length).fill('');
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i] as number;
    if (isPresent(column.validity, row)) out[i] = column.dictionary[column.codes[row] as number] ?? '';
  }
  return out;
}

function timesOf(column: { values: Float64Array; validity?: Uint32Array }, rows: Uint32Array): BigInt64Array {
  const out = new BigInt64Array(rows.length).fill(MISSING_TIME);
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i] as number;
    const epochMs = column.values[row] as number;
    if (isPresent(column.validity, row) && Number.isFinite(epochMs)) out[i] = BigInt(Math.floor(epochMs));
  }
  return out;
}

function numbersOf(column: { values: ArrayLike<number>; validity?: Uint32Array }, rows: Uint32Array): Float32Array {
  const out = new Float32Array(rows.length).fill(Number.NaN);
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i] as number;
    if (isPresent(column.validity, row)) out[i] = column.values[row] as number;
  }
  return out;
}
