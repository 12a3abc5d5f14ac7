import type { DuckDBConnection } from '@duckdb/node-api';
import { createTable, type Table } from '@fairlead/frame';
import { throwIfAborted } from '@fairlead/kernel';
import { columnBuilder } from './column-builder.js';
import { exportParquet } from './export-parquet.js';
import type { LakeSession } from './lake-types.js';
import { bind, type Engine, guarded } from './statement.js';

/** A connection that speaks tables and our errors. One statement at a time. */
export function createSession(engine: Engine, connection: DuckDBConnection): LakeSession {
  const { duckdb } = engine;
  return {
    query: (sql, params = [], options = {}) =>
      guarded(connection, options, async () => {
        const [values, types] = bind(duckdb, params);
        const result = await connection.stream(sql, values, types);
        const names = result.columnNames();
        const builders = names.map((name, i) => {
          const type = result.columnType(i);
          return columnBuilder(name, type, duckdb.DuckDBTypeId[type.typeId]);
        });
        for (let chunk = await result.fetchChunk(); chunk !== null; chunk = await result.fetchChunk()) {
          if (chunk.rowCount === 0) break;
          throwIfAborted(options.signal);
          for (let i = 0; i < builders.length; i++) builders[i]?.append(chunk.getColumnVector(i), chunk.rowCount);
        }
        return tableOf(names, builders);
      }),
    execute: (sql, params = [], options = {}) =>
      guarded(connection, options, async () => {
        await connection.run(sql, ...bind(duckdb, params));
      }),
    exportParquet: (sql, path, options = {}) => exportParquet(engine, connection, { sql, path, ...options }),
  };
}

export function tableOf(names: readonly string[], builders: readonly ReturnType<typeof columnBuilder>[]): Table {
  return createTable(builders.map((builder, i) => [names[i] as string, builder.finish()] as const));
}
