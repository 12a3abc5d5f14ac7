import type { DuckDBConnection } from '@duckdb/node-api';
import type { Table } from '@fairlead/frame';
import { columnBuilder } from './column-builder.js';
import { tableOf } from './create-session.js';
import type { QueryOptions } from './lake-types.js';
import { type Engine, guarded } from './statement.js';

export interface WalkRequest extends QueryOptions {
  readonly sql: string;
  readonly batchRows?: number;
  readonly onBatch: (rows: Table) => Promise<void>;
}

const DEFAULT_BATCH_ROWS = 65_536;

/** Streams a result; only one batch of it is in memory. */
export async function walkRows(
  { duckdb }: Engine,
  connection: DuckDBConnection,
  { sql, onBatch, batchRows = DEFAULT_BATCH_ROWS, ...options }: WalkRequest,
): Promise<void> {
  await guarded(connection, options, async () => {
    const result = await connection.stream(sql);
    const names = result.columnNames();
    const open = () =>
      names.map((name, i) => {
        const type = result.columnType(i);
        return columnBuilder(name, type, duckdb.DuckDBTypeId[type.typeId]);
      });
    let builders = open();
    let rows = 0;
    const flush = async () => {
      if (rows > 0) await onBatch(tableOf(names, builders));
      builders = open();
      rows = 0;
    };
    for (let chunk = await result.fetchChunk(); chunk !== null; chunk = await result.fetchChunk()) {
      if (chunk.rowCount === 0) break;
      for (let i = 0; i < builders.length; i++) builders[i]?.append(chunk.getColumnVector(i), chunk.rowCount);
      rows += chunk.rowCount;
      if (rows >= batchRows) await flush();
    }
    await flush();
  });
}
