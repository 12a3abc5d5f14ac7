import { type Cell, type ColumnKind, type Table, tableFromRows } from '@fairlead/frame';
import { entityKey } from '../drift/dependence-rules.js';
import { parseTimeMs } from '../drift/season-rules.js';

/** The part of a captured row that monitoring reads. */
export interface CapturedValues {
  readonly atMs: number;
  readonly inputs: Readonly<Record<string, string | number | boolean | null>>;
}

interface InputColumn {
  readonly name: string;
  readonly type: 'number' | 'integer' | 'boolean' | 'string';
}

/**
 * The input columns of captured rows as a table. Rows of the tensor route carry numbers for booleans and text for NaN;
 * both are read back. A cell of another type than the column's is missing.
 */
export function capturedTable(rows: readonly CapturedValues[], columns: readonly InputColumn[]): Table {
  const kinds = columns.map(({ name, type }) => ({ name, kind: kindOf(type) }));
  const cells = rows.map(({ inputs }) =>
    Object.fromEntries(
      kinds.map(({ name, kind }) => [name, cellOf(Object.hasOwn(inputs, name) ? inputs[name] : null, kind)]),
    ),
  );
  return tableFromRows(cells, kinds);
}

function kindOf(type: InputColumn['type']): Extract<ColumnKind, 'float64' | 'boolean' | 'string'> {
  return type === 'string' || type === 'boolean' ? type : 'float64';
}

const WORDS: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity: Infinity, '-Infinity': -Infinity };

function cellOf(value: Cell | undefined, kind: ColumnKind): Cell {
  if (value === undefined || value === null) return null;
  if (kind === 'string') return typeof value === 'string' && value !== '' ? value : null;
  if (kind === 'boolean') return typeof value === 'boolean' ? value : typeof value === 'number' ? value !== 0 : null;
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? (WORDS[value] ?? null) : null;
}

/** The time each row is about: its time column where the caller sent it, else the time of the request. */
export function rowTimes(rows: readonly CapturedValues[], timeColumn: string | null): Float64Array {
  return Float64Array.from(rows, ({ atMs, inputs }) =>
    timeColumn !== null && Object.hasOwn(inputs, timeColumn) ? (parseTimeMs(inputs[timeColumn]) ?? atMs) : atMs,
  );
}

/**
 * Which entity each row is about, by its entity columns. Null when there are none or a row came without one: what nobody
 * said is not guessed.
 */
export function rowEntities(rows: readonly CapturedValues[], columns: readonly string[]): string[] | null {
  if (columns.length === 0) return null;
  const keys: string[] = [];
  for (const { inputs } of rows) {
    const cells = columns.map((name) => (Object.hasOwn(inputs, name) ? (inputs[name] ?? null) : null));
    if (cells.includes(null)) return null;
    keys.push(entityKey(cells));
  }
  return keys;
}
