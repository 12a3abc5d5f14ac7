import type { Column, Table, Validity } from '@fairlead/frame';
import type { ParquetColumn } from './encode-parquet/parquet-types.js';

/** A parameter of a query. An integral number within ±2^53 is a BIGINT, any other a DOUBLE; a Date is a TIMESTAMP in UTC. */
export type LakeValue = string | number | bigint | boolean | null | Date;

export interface QueryOptions {
  /** Interrupts the running query, or takes it out of the line. */
  readonly signal?: AbortSignal;
}

export interface ExportOptions extends QueryOptions {
  readonly params?: readonly LakeValue[];
  /** Key-value pairs in the footer of the file. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A column of FLOAT as it is. */
export interface Float32Column {
  readonly kind: 'float32';
  readonly values: Float32Array;
  readonly validity?: Validity;
}

/** Columns of equal length by name, in order, as `scan` hands them on. */
export interface ScannedRows {
  readonly rowCount: number;
  readonly columns: ReadonlyMap<string, Column | Float32Column>;
}

export interface BesideExport {
  /** A query that fixes the order of its rows; null: there are no columns but those from memory. */
  readonly sql: string | null;
  /** By names that no column of the query has. */
  readonly columns: ReadonlyMap<string, ParquetColumn>;
  readonly rowCount: number;
  readonly path: string;
}

export interface WrittenFile {
  readonly rows: number;
  readonly sizeBytes: number;
}

/** One connection for several statements that belong together. */
export interface LakeSession {
  /**
   * The result in columns: integers, decimals and floats are float64; DATE and TIMESTAMP are epoch milliseconds in UTC;
   * VARCHAR and ENUM are dictionary-encoded; BOOLEAN is boolean.
   *
   * @throws LAKE_QUERY_FAILED, LAKE_FILE_UNREADABLE, LAKE_PATH_REFUSED, LAKE_UNSAFE_INTEGER, LAKE_UNSAFE_TIMESTAMP,
   * LAKE_UNSUPPORTED_TYPE, LAKE_OUT_OF_MEMORY, LAKE_CLOSED, or the signal's reason
   */
  query(sql: string, params?: readonly LakeValue[], options?: QueryOptions): Promise<Table>;
  /** A statement whose result is not wanted. Throws what `query` throws. */
  execute(sql: string, params?: readonly LakeValue[], options?: QueryOptions): Promise<void>;
  /**
   * Writes the result of a query as one zstd Parquet file; the rows do not pass through JavaScript. A query that fixes
   * the order of its rows (a scan of files does) gives equal bytes for equal rows under one version of the engine.
   * Do not use `COPY … TO` for files that are addressed by their digest. Throws what `query` throws.
   */
  exportParquet(sql: string, path: string, options?: ExportOptions): Promise<WrittenFile>;
}

export interface ReadParquetOptions {
  readonly columns?: readonly string[];
  /** A condition in SQL. Never build it from a user's text. */
  readonly where?: string;
}

/** SQL over Parquet, CSV and JSON files. Holds no data of its own. */
export interface Lake extends LakeSession {
  /** Temporary tables live as long as `work`. Inside it use the given session, not the lake: connections are few. */
  session<T>(work: (session: LakeSession) => Promise<T>): Promise<T>;
  /**
   * Hands the result on in parts of about `batchRows` rows, in order, and waits for each before it reads on: a result
   * larger than memory can be walked. Throws what `query` and `onBatch` throw.
   */
  walk(
    sql: string,
    onBatch: (rows: Table) => Promise<void>,
    options?: QueryOptions & { readonly batchRows?: number },
  ): Promise<void>;
  /** As `walk`, but a column of FLOAT is not widened: half the memory, and rows for a model need no second copy. */
  scan(
    sql: string,
    onBatch: (rows: ScannedRows) => Promise<void>,
    options?: QueryOptions & { readonly batchRows?: number },
  ): Promise<void>;
  /**
   * Writes the rows of a query as one Parquet file with columns from memory behind its own, which the engine does not touch: they cost
   * little more than writing them. Equal rows and columns give equal bytes under one version of the engine and of zlib.
   * Throws what `query` throws, and LAKE_FILE_UNREADABLE when the query has not `rowCount` rows.
   */
  exportBeside(request: BesideExport): Promise<WrittenFile>;
  /** The rows of all files, in order. No files: a table without columns. */
  readParquet(paths: readonly string[], options?: ReadParquetOptions): Promise<Table>;
  /** One zstd file. Equal tables and metadata give equal bytes under one version of the engine. */
  writeParquet(
    table: Table,
    path: string,
    options?: { metadata?: Readonly<Record<string, string>> },
  ): Promise<WrittenFile>;
  /** Lets running queries finish and refuses new ones. */
  close(): Promise<void>;
}
