import { numErrors } from '../num-errors.js';

/**
 * The part of a frame's table that the mathematics reads. Stated here structurally, so that num depends on no other
 * package's data types; a `Table` of @fairlead/frame is one.
 */
export interface TableView {
  readonly rowCount: number;
  readonly columns: ReadonlyMap<string, ColumnView>;
}

export type ColumnView = Float64ColumnView | TimestampColumnView | BooleanColumnView | StringColumnView;

export interface Float64ColumnView {
  readonly kind: 'float64';
  readonly values: Float64Array;
  readonly validity?: Uint32Array;
}
/** Epoch milliseconds. */
export interface TimestampColumnView {
  readonly kind: 'timestamp';
  readonly values: Float64Array;
  readonly validity?: Uint32Array;
}
export interface BooleanColumnView {
  readonly kind: 'boolean';
  readonly values: Uint8Array;
  readonly validity?: Uint32Array;
}
export interface StringColumnView {
  readonly kind: 'string';
  readonly codes: Int32Array;
  readonly dictionary: readonly string[];
  readonly validity?: Uint32Array;
}

/** The column `name` if it is one of `kinds`. @throws NUM_COLUMN */
export function requireColumn<K extends ColumnView['kind']>(
  table: TableView,
  name: string,
  kinds: readonly K[],
): Extract<ColumnView, { kind: K }> {
  const column = table.columns.get(name);
  if (column === undefined || !(kinds as readonly string[]).includes(column.kind)) {
    const observed = column === undefined ? `absent (there are ${[...table.columns.keys()].join(', ')})` : column.kind;
    throw numErrors.NUM_COLUMN(`Column ${name} is ${observed}, but must be ${kinds.join(' or ')}.`, {
      data: { column: name, expected: kinds, observed: column?.kind ?? null },
    });
  }
  return column as Extract<ColumnView, { kind: K }>;
}

/** True when cell `row` is missing. */
export function isMissing(validity: Uint32Array | undefined, row: number): boolean {
  return validity !== undefined && (validity[row >>> 5] & (1 << (row & 31))) === 0;
}

/** Values of a column as they stand (a boolean is 0 or 1) as Float64, NaN where missing. */
export function numbersOf(column: Exclude<ColumnView, StringColumnView>): Float64Array {
  const out = Float64Array.from(column.values);
  if (column.validity) for (let row = 0; row < out.length; row++) if (isMissing(column.validity, row)) out[row] = NaN;
  return out;
}
