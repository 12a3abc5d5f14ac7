import { type Column, isPresent, type Table } from '@fairlead/frame';
import { evaluationErrors } from '../evaluation-errors.js';

/** The column of that name. @throws EVAL_COLUMN_NOT_FOUND */
export function findColumn(table: Table, name: string): Column {
  const column = table.columns.get(name);
  if (column !== undefined) return column;
  const known = [...table.columns.keys()];
  throw evaluationErrors.EVAL_COLUMN_NOT_FOUND(`There is no column ${name}; the file has ${known.join(', ')}.`, {
    data: { column: name, known },
  });
}

/** Numbers at `rows`; missing cells are NaN. @throws EVAL_COLUMN_KIND for text */
export function numbersAt(table: Table, name: string, rows: Int32Array): Float64Array {
  const column = findColumn(table, name);
  if (column.kind === 'string') {
    const found = column.dictionary.find((text) => text.trim() === '' || Number.isNaN(Number(text)));
    throw evaluationErrors.EVAL_COLUMN_KIND(
      `Column ${name} holds text, for example '${found ?? column.dictionary[0] ?? ''}', but numbers are needed.`,
      { data: { column: name, kind: column.kind } },
    );
  }
  const { values, validity } = column;
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    out[i] = isPresent(validity, row) ? (values[row] as number) : Number.NaN;
  }
  return out;
}

/** Texts at `rows`; a missing cell is the empty text. */
export function textsAt(table: Table, name: string, rows: Int32Array): string[] {
  const column = findColumn(table, name);
  const word = wordOf(column, false);
  return Array.from(rows, (row) => (isPresent(column.validity, row) ? word(row) : ''));
}

/** Rows of `all` in which the cell is there and, for numbers, finite. */
export function soundRows(table: Table, name: string, all: Int32Array): Int32Array {
  const column = findColumn(table, name);
  const { validity } = column;
  const numbers = column.kind === 'float64' ? column.values : undefined;
  if (validity === undefined && numbers === undefined) return all;
  return all.filter(
    (row) => isPresent(validity, row) && (numbers === undefined || Number.isFinite(numbers[row] as number)),
  );
}

/** The word for a cell. Booleans are 0 and 1 where another column of the same labels counts so. */
function wordOf(column: Column, asDigits: boolean): (row: number) => string {
  if (column.kind === 'string') return (row) => column.dictionary[column.codes[row] as number] ?? '';
  if (column.kind === 'boolean') {
    return (row) => (asDigits ? String(column.values[row]) : String(column.values[row] === 1));
  }
  return (row) => String(column.values[row]);
}

export interface LabelColumns {
  /** In order: numbers by size, other words by letter. */
  readonly labels: readonly string[];
  /** Codes at the rows, −1 where missing; one array per column asked for. */
  readonly codes: readonly Int32Array[];
}

const MAX_LABELS = 1000;

/** Columns that speak of the same labels, as codes of one list. @throws EVAL_COLUMN_KIND for too many labels */
export function labelsAt(table: Table, names: readonly string[], rows: Int32Array): LabelColumns {
  const columns = names.map((name) => findColumn(table, name));
  const asDigits = columns.some((column) => column.kind === 'float64' || isDigits(column));
  const codeOf = new Map<string, number>();
  const codes = columns.map((column) => encode(column, rows, { codeOf, asDigits }));
  if (codeOf.size > MAX_LABELS) {
    throw evaluationErrors.EVAL_COLUMN_KIND(
      `Columns ${names.join(' and ')} hold ${codeOf.size} different values, too many for labels; is this a regression?`,
      { data: { columns: names, values: codeOf.size, max: MAX_LABELS } },
    );
  }
  const labels = [...codeOf.keys()].sort(inOrder);
  const place = Int32Array.from(codeOf.keys(), (label) => labels.indexOf(label));
  return { labels, codes: codes.map((column) => column.map((code) => (code < 0 ? -1 : (place[code] as number)))) };
}

const isDigits = (column: Column) =>
  column.kind === 'string' && column.dictionary.length > 0 && column.dictionary.every((text) => /^[01]$/.test(text));

function inOrder(a: string, b: string): number {
  const gap = Number(a) - Number(b);
  if (!Number.isNaN(gap) && gap !== 0) return gap;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Codes in the order in which labels are met; a word is looked up once per value, not once per row. */
function encode(
  column: Column,
  rows: Int32Array,
  { codeOf, asDigits }: { codeOf: Map<string, number>; asDigits: boolean },
): Int32Array {
  const word = wordOf(column, asDigits);
  const raw: ArrayLike<number> = column.kind === 'string' ? column.codes : column.values;
  const known = new Map<number, number>();
  const out = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (!isPresent(column.validity, row)) {
      out[i] = -1;
      continue;
    }
    const value = raw[row] as number;
    let code = known.get(value);
    if (code === undefined) {
      const text = word(row);
      code = codeOf.get(text) ?? codeOf.size;
      codeOf.set(text, code);
      known.set(value, code);
    }
    out[i] = code;
  }
  return out;
}

/** Rows in the order of a column of times or numbers; equal times keep the file's order. */
export function inTimeOrder(table: Table, name: string, rows: Int32Array): Int32Array {
  const column = findColumn(table, name);
  if (column.kind === 'string') {
    throw evaluationErrors.EVAL_COLUMN_KIND(`Column ${name} holds text, so it gives rows no order in time.`, {
      data: { column: name, kind: column.kind },
    });
  }
  const { values } = column;
  let sorted = true;
  for (let i = 1; i < rows.length && sorted; i++) {
    sorted = (values[rows[i - 1] as number] as number) <= (values[rows[i] as number] as number);
  }
  if (sorted) return rows;
  return rows.slice().sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
}

/** Group numbers of a column of any kind. */
export function groupCodes(table: Table, name: string, rows: Int32Array): Int32Array {
  const column = findColumn(table, name);
  if (column.kind === 'string') return Int32Array.from(rows, (row) => column.codes[row] as number);
  const codeOf = new Map<number, number>();
  return Int32Array.from(rows, (row) => {
    const value = column.values[row] as number;
    const code = codeOf.get(value) ?? codeOf.size;
    codeOf.set(value, code);
    return code;
  });
}
