/** Set bits mark present cells, 32 per word, lowest bit first. Absent bitmap = every cell is present. */
export type Validity = Uint32Array;

export interface Float64Column {
  readonly kind: 'float64';
  readonly values: Float64Array;
  readonly validity?: Validity;
}

/** 0 or 1 per cell. */
export interface BooleanColumn {
  readonly kind: 'boolean';
  readonly values: Uint8Array;
  readonly validity?: Validity;
}

/** Dictionary-encoded text: the cell is `dictionary[codes[row]]`. The code of a missing cell is 0 and means nothing. */
export interface StringColumn {
  readonly kind: 'string';
  readonly codes: Int32Array;
  readonly dictionary: readonly string[];
  readonly validity?: Validity;
}

/** Milliseconds since 1970-01-01T00:00:00Z. */
export interface TimestampColumn {
  readonly kind: 'timestamp';
  readonly values: Float64Array;
  readonly validity?: Validity;
}

/** One typed column. Missing is a bit of `validity`; NaN in a float64 column is a value like any other. */
export type Column = Float64Column | BooleanColumn | StringColumn | TimestampColumn;
export type ColumnKind = Column['kind'];

/** Columns of equal length by name, in order. */
export interface Table {
  readonly rowCount: number;
  readonly columns: ReadonlyMap<string, Column>;
}

export interface ColumnSpec {
  readonly name: string;
  readonly kind: ColumnKind;
}
export type TableSchema = readonly ColumnSpec[];

/** A cell as JavaScript sees it. A timestamp is its epoch milliseconds (UTC); null is missing. */
export type Cell = number | boolean | string | null;
export type Row = Readonly<Record<string, Cell>>;
