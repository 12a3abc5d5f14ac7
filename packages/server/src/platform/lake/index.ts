export { createLake, type LakeOptions } from './create-lake.js';
export { lakeErrors } from './lake-errors.js';
export type {
  ExportOptions,
  Lake,
  LakeSession,
  LakeValue,
  QueryOptions,
  ReadParquetOptions,
  WrittenFile,
} from './lake-types.js';
export { quoteIdentifier, quoteLiteral } from './sql-text.js';
