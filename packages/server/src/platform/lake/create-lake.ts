import { createTable } from '@fairlead/frame';
import { ConnectionPool } from './connection-pool.js';
import { createSession } from './create-session.js';
import { exportBeside } from './export-beside.js';
import { lakeErrors } from './lake-errors.js';
import type { Lake, LakeSession, ReadParquetOptions } from './lake-types.js';
import { type InstanceOptions, openInstance } from './open-instance.js';
import { quoteIdentifier, quoteLiteral } from './sql-text.js';
import type { Engine } from './statement.js';
import { scanRows, walkRows } from './walk-rows.js';
import { writeParquet } from './write-parquet.js';

export interface LakeOptions extends InstanceOptions {
  /** Queries at a time. Default 3: each holds one of libuv's four threads, and files and hashes need the rest. */
  readonly connections?: number;
}

interface RunningEngine extends Engine {
  readonly pool: ConnectionPool;
}

/** A lake over the allowed folders. The engine (about 60 MB) is loaded at the first query, not before. */
export async function createLake(options: LakeOptions): Promise<Lake> {
  let starting: Promise<RunningEngine> | undefined;
  let closed = false;
  const engine = (): Promise<RunningEngine> => {
    if (closed) return Promise.reject(lakeErrors.LAKE_CLOSED('The query engine has been shut down.'));
    starting ??= start(options).catch((error) => {
      starting = undefined; // a full disk or missing right may be mended before the next query
      throw error;
    });
    return starting;
  };
  const session: Lake['session'] = async (work) => {
    const running = await engine();
    return running.pool.use((connection) => work(createSession(running, connection)), { fresh: true });
  };
  const once = async <T>(signal: AbortSignal | undefined, work: (session: LakeSession) => Promise<T>): Promise<T> => {
    const running = await engine();
    return running.pool.use((connection) => work(createSession(running, connection)), { signal });
  };
  const query: Lake['query'] = (sql, params, options) => once(options?.signal, (on) => on.query(sql, params, options));
  return {
    query,
    execute: (sql, params, query) => once(query?.signal, (on) => on.execute(sql, params, query)),
    exportParquet: (sql, path, out) => once(out?.signal, (on) => on.exportParquet(sql, path, out)),
    session,
    walk: async (sql, onBatch, options = {}) => {
      const running = await engine();
      await running.pool.use((connection) => walkRows(running, connection, { sql, onBatch, ...options }), {
        signal: options.signal,
      });
    },
    scan: async (sql, onBatch, options = {}) => {
      const running = await engine();
      await running.pool.use((connection) => scanRows(running, connection, { sql, onBatch, ...options }), {
        signal: options.signal,
      });
    },
    exportBeside: async (request) => {
      const running = await engine();
      return running.pool.use((connection) => exportBeside(connection, request));
    },
    readParquet: async (paths, read = {}) => (paths.length === 0 ? createTable([]) : query(parquetQuery(paths, read))),
    writeParquet: async (table, path, { metadata = {} } = {}) => {
      const running = await engine();
      return running.pool.use((connection) => writeParquet(running, connection, { table, path, metadata }), {
        fresh: true,
      });
    },
    close: async () => {
      closed = true;
      const started = await starting?.catch(() => undefined);
      starting = undefined;
      await started?.pool.close();
      started?.instance.closeSync();
    },
  };
}

async function start(options: LakeOptions): Promise<RunningEngine> {
  const duckdb = await import('@duckdb/node-api');
  const instance = await openInstance(duckdb, options);
  return { duckdb, instance, pool: new ConnectionPool(instance, options.connections ?? 3) };
}

function parquetQuery(paths: readonly string[], { columns, where }: ReadParquetOptions): string {
  const select = columns === undefined ? '*' : columns.map(quoteIdentifier).join(', ');
  const from = `read_parquet([${paths.map(quoteLiteral).join(', ')}])`;
  return `SELECT ${select} FROM ${from}${where === undefined ? '' : ` WHERE ${where}`}`;
}
