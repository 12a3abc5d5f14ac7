import type { DuckDBConnection, DuckDBInstance, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { isFairleadError, messageOf, throwIfAborted } from '@fairlead/kernel';
import { lakeErrors } from './lake-errors.js';
import type { LakeValue, QueryOptions } from './lake-types.js';

export type DuckDb = typeof import('@duckdb/node-api');

/** The loaded binding and the one in-memory database of a lake. */
export interface Engine {
  readonly duckdb: DuckDb;
  readonly instance: DuckDBInstance;
}

/** Asked again, because an interrupt that arrives between two steps of a query is forgotten. */
const INTERRUPT_EVERY_MS = 10;

/** Parameters and their types as the binding wants them. */
export function bind(duckdb: DuckDb, params: readonly LakeValue[]): [DuckDBValue[], DuckDBType[]] {
  const bound = params.map((value): [DuckDBValue, DuckDBType] => {
    if (value === null) return [null, duckdb.SQLNULL];
    if (value instanceof Date)
      return [new duckdb.DuckDBTimestampValue(BigInt(value.getTime()) * 1000n), duckdb.TIMESTAMP];
    if (typeof value === 'string') return [value, duckdb.VARCHAR];
    if (typeof value === 'boolean') return [value, duckdb.BOOLEAN];
    if (typeof value === 'bigint') return [value, duckdb.HUGEINT];
    return Number.isSafeInteger(value) && !Object.is(value, -0)
      ? [BigInt(value), duckdb.BIGINT]
      : [value, duckdb.DOUBLE];
  });
  return [bound.map(([value]) => value), bound.map(([, type]) => type)];
}

/** Runs one statement: interrupts it when the signal aborts and throws our errors. */
export async function guarded<T>(
  connection: DuckDBConnection,
  { signal }: QueryOptions,
  work: () => Promise<T>,
): Promise<T> {
  throwIfAborted(signal);
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    timer ??= setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  };
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const value = await work();
    // A stream that is interrupted before its first chunk looks like one that ended: half a result must not pass.
    throwIfAborted(signal);
    return value;
  } catch (error) {
    throwIfAborted(signal);
    throw translate(error);
  } finally {
    signal?.removeEventListener('abort', interrupt);
    clearInterval(timer);
  }
}

const BY_PREFIX: readonly [RegExp, keyof typeof lakeErrors][] = [
  [/^(Permission Error|.*configuration has been locked|.*disabled by configuration)/, 'LAKE_PATH_REFUSED'],
  [/^(Out of Memory Error|.*failed to offload)/, 'LAKE_OUT_OF_MEMORY'],
  [/^IO Error/, 'LAKE_FILE_UNREADABLE'],
  [/^(INTERNAL Error|FATAL Error)/, 'LAKE_FAULT'],
];

/** The engine tells its kinds of error apart by the first words of the message only. */
export function translate(error: unknown): unknown {
  if (isFairleadError(error)) return error;
  const message = messageOf(error);
  const code = BY_PREFIX.find(([pattern]) => pattern.test(message))?.[1] ?? 'LAKE_QUERY_FAILED';
  return lakeErrors[code](message, { cause: error });
}
