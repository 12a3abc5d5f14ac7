import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column, Table } from '@fairlead/frame';
import { type ColumnBuilder, columnBuilder, Float32Builder } from './column-builder.js';
import { tableOf } from './create-session.js';
import type { Float32Column, QueryOptions, ScannedRows } from './lake-types.js';
import { type Engine, guarded } from './statement.js';

interface WalkRequest<Rows> extends QueryOptions {
  readonly sql: string;
  readonly batchRows?: number;
  readonly onBatch: (rows: Rows) => Promise<void>;
}

const DEFAULT_BATCH_ROWS = 65_536;

/** Streams a result; only one batch of it is in memory. */
export function walkRows(engine: Engine, connection: DuckDBConnection, request: WalkRequest<Table>): Promise<void> {
  return stream(engine, connection, { ...request, builderOf: columnBuilder, finish: tableOf });
}

/** The same, but FLOAT stays FLOAT. */
export function scanRows(
  engine: Engine,
  connection: DuckDBConnection,
  request: WalkRequest<ScannedRows>,
): Promise<void> {
  return stream<Column | Float32Column, ScannedRows>(engine, connection, {
    ...request,
    builderOf: (name, type, typeName) =>
      typeName === 'FLOAT' ? new Float32Builder() : columnBuilder(name, type, typeName),
    finish: (names, builders, rowCount) => ({
      rowCount,
      columns: new Map(builders.map((builder, i) => [names[i] as string, builder.finish()])),
    }),
  });
}

interface Shape<C, Rows> extends WalkRequest<Rows> {
  readonly builderOf: (...column: Parameters<typeof columnBuilder>) => ColumnBuilder<C>;
  readonly finish: (names: readonly string[], builders: readonly ColumnBuilder<C>[], rowCount: number) => Rows;
}

async function stream<C, Rows>(
  { duckdb }: Engine,
  connection: DuckDBConnection,
  { sql, onBatch, batchRows = DEFAULT_BATCH_ROWS, builderOf, finish, ...options }: Shape<C, Rows>,
): Promise<void> {
  await guarded(connection, options, async () => {
    const result = await connection.stream(sql);
    const names = result.columnNames();
    const open = () =>
      names.map((name, i) => {
        const type = result.columnType(i);
        return builderOf(name, type, duckdb.DuckDBTypeId[type.typeId] as string);
      });
    let builders = open();
    let rows = 0;
    const flush = async () => {
      if (rows > 0) await onBatch(finish(names, builders, rows));
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
