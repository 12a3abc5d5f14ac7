export { createLake, type LakeOptions } from './create-lake.js';
export { joinParquet } from './join-parquet.js';
export { lakeErrors } from './lake-errors.js';
export type {
  ExportOptions,
  Float32Column,
  Lake,
  LakeSession,
  LakeValue,
  QueryOptions,
  ReadParquetOptions,
  ScannedRows,
  StagedColumn,
  WrittenFile,
} from './lake-types.js';
export { quoteIdentifier, quoteLiteral } from './sql-text.js';
