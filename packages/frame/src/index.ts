// Words

// Build
export { columnFromValues } from './column-from-values.js';
export { concatTables } from './concat-tables.js';
export { frameErrors } from './frame-errors.js';
export type {
  BooleanColumn,
  Cell,
  Column,
  ColumnKind,
  ColumnSpec,
  Float64Column,
  Row,
  StringColumn,
  Table,
  TableSchema,
  TimestampColumn,
  Validity,
} from './frame-types.js';
// Read
export { selectColumns, selectRows } from './select.js';
export { cellAt, columnLength, columnOf, createTable, schemaOf, tableFromRows, toRows } from './table.js';
export { countMissing, emptyValidity, isPresent, markPresent } from './validity.js';
