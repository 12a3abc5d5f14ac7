export { createLake, type LakeOptions } from './create-lake.js';
export { encodeParquet } from './encode-parquet/encode-parquet.js';
export type { ParquetColumn, TypedValues, ValueType } from './encode-parquet/parquet-types.js';
export { joinParquet } from './join-parquet.js';
export { lakeErrors } from './lake-errors.js';
export type {
  BesideExport,
  ExportOptions,
  Float32Column,
  Lake,
  LakeSession,
  LakeValue,
  QueryOptions,
  ReadParquetOptions,
  ScannedRows,
  WrittenFile,
} from './lake-types.js';
export { quoteIdentifier, quoteLiteral } from './sql-text.js';
