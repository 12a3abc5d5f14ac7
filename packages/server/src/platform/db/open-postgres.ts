import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';

const INT8 = 20;

/** Opens a pool on PostgreSQL. 64-bit integers come back as numbers: every count, size and time we store is below 2^53. */
export function openPostgres(url: string, poolSize = 10): Kysely<unknown> {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
    },
  });
  // An idle connection that the server closes must not take the process down; the next query opens a new one.
  pool.on('error', () => undefined);
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
}
