import type { ParquetColumn } from './parquet-types.js';

/** Rows of columns of equal length; 0 when there is none. */
export function rowsOf(columns: ReadonlyMap<string, ParquetColumn>): number {
  for (const column of columns.values()) {
    const { length } = column.kind === 'text' ? column.codes : column.values;
    return 'width' in column && column.width !== undefined ? length / column.width : length;
  }
  return 0;
}

/** The same columns from `rowStart` up to `rowEnd`, over the same memory. */
export function sliceColumns(
  columns: ReadonlyMap<string, ParquetColumn>,
  rowStart: number,
  rowEnd: number,
): Map<string, ParquetColumn> {
  return new Map([...columns].map(([name, column]) => [name, slice(column, rowStart, rowEnd)]));
}

function slice(column: ParquetColumn, rowStart: number, rowEnd: number): ParquetColumn {
  if (column.kind !== 'text' && column.kind !== 'typed') {
    return { ...column, values: column.values.subarray(rowStart, rowEnd) };
  }
  const { width = 1, present } = column;
  const ofSlice = present === undefined ? {} : { present: present.subarray(rowStart, rowEnd) };
  const [from, to] = [rowStart * width, rowEnd * width];
  if (column.kind === 'text') return { ...column, ...ofSlice, codes: column.codes.subarray(from, to) };
  return { ...column, ...ofSlice, values: column.values.subarray(from, to) };
}
