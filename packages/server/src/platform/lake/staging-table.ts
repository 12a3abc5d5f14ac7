import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';

/** Small enough that the engine fills its last row group up instead of beginning another, see {@link stagingTable}. */
const FLUSH_ROWS = 32_768;

export interface StagingTable {
  append(chunk: DuckDBDataChunk): void;
  /** Makes the rows visible as the table `staged`; returns how many there are. */
  finish(): number;
}

/**
 * The temporary table `staged` of a connection, filled in order. Copied to a file it gives full row groups, whatever the
 * size of the chunks was: that makes the bytes of the file depend on the rows alone. Left to itself the appender flushes
 * every 204 800 rows, and the engine then ends row groups where its chunks and threads happened to end.
 *
 * @param columns names and types as in CREATE TABLE
 */
export async function stagingTable(connection: DuckDBConnection, columns: readonly string[]): Promise<StagingTable> {
  await connection.run(`CREATE TEMP TABLE staged (${columns.join(', ')})`);
  const appender = await connection.createAppender('staged');
  let rows = 0;
  let flushedRows = 0;
  return {
    append: (chunk) => {
      appender.appendDataChunk(chunk);
      rows += chunk.rowCount;
      if (rows - flushedRows < FLUSH_ROWS) return;
      appender.flushSync();
      flushedRows = rows;
    },
    finish: () => {
      appender.closeSync();
      return rows;
    },
  };
}
