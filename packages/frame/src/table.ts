import { columnFromValues } from './column-from-values.js';
import { frameErrors } from './frame-errors.js';
import type { Cell, Column, Row, Table, TableSchema } from './frame-types.js';
import { isPresent } from './validity.js';

/** Number of cells of a column. */
export function columnLength(column: Column): number {
  return column.kind === 'string' ? column.codes.length : column.values.length;
}

/**
 * A table of columns in the given order. The typed arrays are shared, not copied.
 *
 * @throws FRAME_SHAPE when lengths differ or a name comes twice.
 */
export function createTable(columns: Iterable<readonly [string, Column]>): Table {
  const byName = new Map<string, Column>();
  let rowCount: number | undefined;
  for (const [name, column] of columns) {
    const length = columnLength(column);
    if (byName.has(name)) throw frameErrors.FRAME_SHAPE(`Column ${name} is given twice.`, { data: { column: name } });
    if (rowCount !== undefined && rowCount !== length) {
      throw frameErrors.FRAME_SHAPE(`Column ${name} has ${length} rows, but the columns before it have ${rowCount}.`, {
        data: { column: name, observed: length, expected: rowCount },
      });
    }
    rowCount = length;
    byName.set(name, column);
  }
  return Object.freeze({ rowCount: rowCount ?? 0, columns: byName });
}

/** Builds a table from row objects; a field that a row lacks is missing, a field outside the schema is not read. */
export function tableFromRows(
  rows: readonly Readonly<Record<string, Cell | undefined | Date>>[],
  schema: TableSchema,
): Table {
  return createTable(
    schema.map(({ name, kind }) => {
      const values = rows.map((row) => (Object.hasOwn(row, name) ? row[name] : null));
      return [name, columnFromValues(kind, values, name)] as const;
    }),
  );
}

/** The column named `name`. @throws FRAME_COLUMN_NOT_FOUND */
export function columnOf(table: Table, name: string): Column {
  const column = table.columns.get(name);
  if (column === undefined) {
    const known = [...table.columns.keys()];
    throw frameErrors.FRAME_COLUMN_NOT_FOUND(`There is no column ${name}; the table has ${known.join(', ')}.`, {
      data: { column: name, known },
    });
  }
  return column;
}

/** Names and kinds of the columns, in order. */
export function schemaOf(table: Table): TableSchema {
  return [...table.columns].map(([name, column]) => ({ name, kind: column.kind }));
}

/** One cell as a JavaScript value; null when missing. For edges, not for loops over many rows. */
export function cellAt(column: Column, row: number): Cell {
  if (!isPresent(column.validity, row)) return null;
  switch (column.kind) {
    case 'string':
      return column.dictionary[column.codes[row] as number] as string;
    case 'boolean':
      return column.values[row] === 1;
    default:
      return column.values[row] as number;
  }
}

/** Row objects, for small tables and the edges of the system: about 50 bytes per cell, against 8 in columns. */
export function toRows(table: Table): Row[] {
  const columns = [...table.columns];
  return Array.from({ length: table.rowCount }, (_, row) =>
    Object.fromEntries(columns.map(([name, column]) => [name, cellAt(column, row)])),
  );
}
