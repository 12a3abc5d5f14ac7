import { frameErrors } from './frame-errors.js';
import type { Column, StringColumn, Table, Validity } from './frame-types.js';
import { columnLength, columnOf, createTable } from './table.js';
import { emptyValidity, isPresent, markPresent } from './validity.js';

/**
 * The rows of all tables, one after another; dictionaries are merged.
 *
 * @throws FRAME_SHAPE when the tables do not have the same columns of the same kind.
 */
export function concatTables(tables: readonly Table[]): Table {
  const [first] = tables;
  if (first === undefined) return createTable([]);
  for (const table of tables) {
    if (table.columns.size !== first.columns.size) {
      throw frameErrors.FRAME_SHAPE(`One table has ${first.columns.size} columns, another ${table.columns.size}.`);
    }
  }
  return createTable([...first.columns.keys()].map((name) => [name, concatColumns(name, tables)] as const));
}

function concatColumns(name: string, tables: readonly Table[]): Column {
  const columns = tables.map((table) => columnOf(table, name));
  const kind = (columns[0] as Column).kind;
  const length = columns.reduce((sum, column) => sum + columnLength(column), 0);
  const validity = concatValidity(columns, length);
  const parts = validity === undefined ? {} : { validity };
  const other = columns.find((column) => column.kind !== kind);
  if (other !== undefined) {
    throw frameErrors.FRAME_SHAPE(`Column ${name} is ${kind} in one table and ${other.kind} in another.`, {
      data: { column: name, kinds: [kind, other.kind] },
    });
  }
  if (kind === 'string') return { ...mergeDictionaries(columns as StringColumn[], length), ...parts };
  const values = kind === 'boolean' ? new Uint8Array(length) : new Float64Array(length);
  let offset = 0;
  for (const column of columns as Exclude<Column, StringColumn>[]) {
    values.set(column.values, offset);
    offset += column.values.length;
  }
  return { kind, values, ...parts } as Column;
}

function mergeDictionaries(columns: readonly StringColumn[], length: number): StringColumn {
  const codes = new Int32Array(length);
  const codeOf = new Map<string, number>();
  let offset = 0;
  for (const column of columns) {
    const recode = column.dictionary.map((value) => {
      if (!codeOf.has(value)) codeOf.set(value, codeOf.size);
      return codeOf.get(value) as number;
    });
    for (let row = 0; row < column.codes.length; row++) codes[offset + row] = recode[column.codes[row] as number] ?? 0;
    offset += column.codes.length;
  }
  return { kind: 'string', codes, dictionary: [...codeOf.keys()] };
}

function concatValidity(columns: readonly Column[], length: number): Validity | undefined {
  if (columns.every((column) => column.validity === undefined)) return undefined;
  const out = emptyValidity(length);
  let offset = 0;
  for (const column of columns) {
    const rows = columnLength(column);
    for (let row = 0; row < rows; row++) if (isPresent(column.validity, row)) markPresent(out, offset + row);
    offset += rows;
  }
  return out;
}
