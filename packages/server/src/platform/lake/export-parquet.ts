import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { throwIfAborted } from '@fairlead/kernel';
import type { ExportOptions, WrittenFile } from './lake-types.js';
import { copyStatement, writtenFile } from './parquet-file.js';
import { quoteIdentifier } from './sql-text.js';
import { type StagingTable, stagingTable } from './staging-table.js';
import { bind, type Engine, guarded } from './statement.js';

export interface ExportRequest extends ExportOptions {
  readonly sql: string;
  readonly path: string;
}

/**
 * Writes the result of a query so that equal rows give equal bytes. A plain `COPY (query)` does not: its row groups end
 * where the engine's threads happened to stop (a 40 MB CSV gave two files in three runs). So the rows pass, in order,
 * through a {@link stagingTable}.
 */
export async function exportParquet(
  { duckdb, instance }: Engine,
  connection: DuckDBConnection,
  { sql, path, params = [], metadata = {}, ...options }: ExportRequest,
): Promise<WrittenFile> {
  const sink = await instance.connect();
  try {
    return await guarded(connection, options, async () => {
      const result = await connection.stream(sql, ...bind(duckdb, params));
      return guarded(sink, options, async () => {
        const columns = result.columnNames().map((name, i) => `${quoteIdentifier(name)} ${result.columnType(i)}`);
        const table = await stagingTable(sink, columns);
        await pour(result, table, options.signal);
        const rows = table.finish();
        await sink.run(copyStatement('FROM staged', path, metadata));
        return writtenFile(path, rows);
      });
    });
  } finally {
    sink.closeSync();
  }
}

async function pour(result: DuckDBResult, table: StagingTable, signal: AbortSignal | undefined): Promise<void> {
  for (let chunk = await result.fetchChunk(); chunk !== null; chunk = await result.fetchChunk()) {
    if (chunk.rowCount === 0) break;
    throwIfAborted(signal);
    table.append(chunk);
  }
  throwIfAborted(signal);
}
