import { numErrors } from '../../num-errors.js';
import { isMissing, requireColumn, type TableView } from '../table-view.js';

export interface NumberColumn {
  readonly name: string;
  readonly column: 'float64' | 'boolean';
}

/** Fills `out` with the Float32 values of a number or boolean column, NaN where missing. @throws NUM_COLUMN */
export function readNumbers(table: TableView, { name, column }: NumberColumn, out: Float32Array): void {
  const { values, validity } = requireColumn(table, name, [column]);
  out.set(values);
  if (validity === undefined) return;
  for (let row = 0; row < out.length; row++) if (isMissing(validity, row)) out[row] = Number.NaN;
}

/** The present values of a training column. @throws NUM_COLUMN, NUM_NOT_FINITE, NUM_TOO_FEW when there is none */
export function presentNumbers(table: TableView, column: NumberColumn): Float32Array {
  const values = new Float32Array(table.rowCount);
  readNumbers(table, column, values);
  let count = 0;
  let infinite = -1;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (Number.isNaN(value)) continue;
    if (value - value !== 0) infinite = row;
    values[count++] = value;
  }
  if (infinite >= 0) {
    throw numErrors.NUM_NOT_FINITE(
      `Column ${column.name} holds a value in row ${infinite} that is infinite in Float32. Correct it, or leave it missing.`,
      { data: { column: column.name, row: infinite } },
    );
  }
  if (count > 0) return values.subarray(0, count);
  throw numErrors.NUM_TOO_FEW(
    `Column ${column.name} has no value in the training rows, so nothing can be learned from it.`,
    { data: { column: column.name } },
  );
}
