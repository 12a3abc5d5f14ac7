import { frameErrors } from './frame-errors.js';
import type { Cell, Column, ColumnKind, Validity } from './frame-types.js';
import { emptyValidity, markPresent } from './validity.js';

type Input = Cell | undefined | Date;

/**
 * Builds a column from loose values. null and undefined are missing; NaN is a float64 value.
 * A timestamp accepts epoch milliseconds, a Date, or an ISO-8601 string with date (UTC) or date, time and zone.
 *
 * @throws FRAME_CELL_TYPE when a value is not of the kind: nothing is coerced.
 * @example columnFromValues('string', ['rain', null]).dictionary // ['rain']
 */
export function columnFromValues(kind: ColumnKind, values: readonly Input[], name = 'values'): Column {
  const validity = validityOf(values);
  const parts = validity === undefined ? {} : { validity };
  switch (kind) {
    case 'float64':
      return { kind, values: numbersOf(values, (value) => asNumber(value), { kind, name }), ...parts };
    case 'timestamp':
      return { kind, values: numbersOf(values, (value) => asEpochMs(value), { kind, name }), ...parts };
    case 'boolean':
      return { kind, values: Uint8Array.from(numbersOf(values, (value) => asBit(value), { kind, name })), ...parts };
    case 'string':
      return { kind, ...encode(values, name), ...parts };
  }
}

function validityOf(values: readonly Input[]): Validity | undefined {
  if (!values.some((value) => value === null || value === undefined)) return undefined;
  const validity = emptyValidity(values.length);
  for (let row = 0; row < values.length; row++) {
    if (values[row] !== null && values[row] !== undefined) markPresent(validity, row);
  }
  return validity;
}

const asNumber = (value: Input) => (typeof value === 'number' ? value : undefined);
const asBit = (value: Input) => (typeof value === 'boolean' ? Number(value) : undefined);

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

function asEpochMs(value: Input): number | undefined {
  const ms =
    value instanceof Date ? value.getTime() : typeof value === 'string' && ISO.test(value) ? Date.parse(value) : value;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : undefined;
}

function numbersOf(
  values: readonly Input[],
  read: (value: Input) => number | undefined,
  column: { kind: ColumnKind; name: string },
): Float64Array {
  const out = new Float64Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null || value === undefined) continue;
    const number = read(value);
    if (number === undefined) throw wrongCell(column, row, value);
    out[row] = number;
  }
  return out;
}

function encode(values: readonly Input[], name: string): { codes: Int32Array; dictionary: string[] } {
  const codes = new Int32Array(values.length);
  const codeOf = new Map<string, number>();
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null || value === undefined) continue;
    if (typeof value !== 'string') throw wrongCell({ kind: 'string', name }, row, value);
    let code = codeOf.get(value);
    if (code === undefined) {
      code = codeOf.size;
      codeOf.set(value, code);
    }
    codes[row] = code;
  }
  return { codes, dictionary: [...codeOf.keys()] };
}

function wrongCell(column: { kind: ColumnKind; name: string }, row: number, value: Input): Error {
  const observed = `${typeof value} ${String(value).slice(0, 60)}`;
  return frameErrors.FRAME_CELL_TYPE(
    `Column ${column.name} is ${column.kind}, but row ${row} holds the ${observed}. Convert it or pass null.`,
    { data: { column: column.name, kind: column.kind, row, observed } },
  );
}
