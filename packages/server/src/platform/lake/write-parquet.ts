import { setImmediate } from 'node:timers/promises';
import type { DuckDBConnection, DuckDBType, DuckDBVector } from '@duckdb/node-api';
import { type Column, isPresent, type Table } from '@fairlead/frame';
import { lakeErrors } from './lake-errors.js';
import type { WrittenFile } from './lake-types.js';
import { copyStatement, writtenFile } from './parquet-file.js';
import { quoteIdentifier } from './sql-text.js';
import { type StagingTable, stagingTable } from './staging-table.js';
import { type DuckDb, type Engine, translate } from './statement.js';

const CHUNK_ROWS = 2048;

/** Columns travel to the engine in the type that can be copied whole; SQL turns them into what the file shows. */
const STAGED: Readonly<
  Record<Column['kind'], { type: 'DOUBLE' | 'UTINYINT' | 'VARCHAR'; show: (name: string) => string }>
> = {
  float64: { type: 'DOUBLE', show: (name) => name },
  boolean: { type: 'UTINYINT', show: (name) => `${name} <> 0` },
  string: { type: 'VARCHAR', show: (name) => name },
  timestamp: { type: 'DOUBLE', show: (name) => `make_timestamp(CAST(round(${name} * 1000) AS BIGINT))` },
};

export interface WriteRequest {
  readonly table: Table;
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Writes through a temporary table of this connection, which must not be used for anything else. */
export async function writeParquet(
  { duckdb }: Engine,
  connection: DuckDBConnection,
  { table, path, metadata }: WriteRequest,
): Promise<WrittenFile> {
  const columns = [...table.columns];
  if (columns.length === 0) throw lakeErrors.LAKE_QUERY_FAILED('A Parquet file needs at least one column.');
  const staged = columns.map(([, column], i) => ({ name: `c${i}`, ...STAGED[column.kind] }));
  const shown = staged.map(({ name, show }, i) => `${show(name)} AS ${quoteIdentifier(columns[i]?.[0] as string)}`);
  try {
    const target = await stagingTable(
      connection,
      staged.map(({ name, type }) => `${name} ${type}`),
    );
    const types = staged.map(({ type }) => duckdb[type]);
    await pour(target, { duckdb, types, columns: columns.map(([, column]) => column), rowCount: table.rowCount });
    target.finish();
    await connection.run(copyStatement(`SELECT ${shown.join(', ')} FROM staged`, path, metadata));
  } catch (error) {
    throw translate(error);
  }
  return writtenFile(path, table.rowCount);
}

interface Source {
  readonly duckdb: DuckDb;
  readonly types: readonly DuckDBType[];
  readonly columns: readonly Column[];
  readonly rowCount: number;
}

/** Lets the loop turn between chunks: filling one takes about a millisecond, a large table a second. */
async function pour(target: StagingTable, { duckdb, types, columns, rowCount }: Source): Promise<void> {
  for (let start = 0; start < rowCount; start += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, rowCount - start);
    const chunk = duckdb.DuckDBDataChunk.create(types, rows);
    columns.forEach((column, i) => {
      fill(chunk.getColumnVector(i), column, { start, rows });
    });
    target.append(chunk);
    await setImmediate();
  }
}

function fill(vector: DuckDBVector, column: Column, { start, rows }: { start: number; rows: number }): void {
  if (column.kind === 'string') {
    for (let row = 0; row < rows; row++) {
      const text = column.dictionary[column.codes[start + row] as number] as string;
      vector.setItem(row, isPresent(column.validity, start + row) ? text : null);
    }
  } else {
    const { items } = vector as unknown as { items: Float64Array };
    items.set(column.values.subarray(start, start + rows));
    for (let row = 0; column.validity !== undefined && row < rows; row++) {
      if (!isPresent(column.validity, start + row)) vector.setItem(row, null);
    }
  }
  vector.flush();
}
