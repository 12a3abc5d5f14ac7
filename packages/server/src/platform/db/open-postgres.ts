import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Reader } from './db-types.js';
import type { Connections, TransactionOptions, Work } from './engine.js';
import { createGatheringSocket } from './gathering-socket.js';
import { nameStatements } from './named-statements.js';

const INT8 = 20;

/** What both a pool and one of its connections can do. */
type Queries = Pick<pg.ClientBase, 'query'>;

/** Opens a pool on PostgreSQL. 64-bit integers come back as numbers: every count, size and time we store is below 2^53. */
export function openPostgres(url: string, poolSize = 10): Connections {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    // Statements are sent without waiting for the answers to those before: see transactOn.
    pipeline: true,
    stream: createGatheringSocket,
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
    },
  });
  // An idle connection that the server closes must not take the process down; the next query opens a new one.
  pool.on('error', () => undefined);
  // Nor must one that is in use: whoever waits for its answers is told.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    // Compiling a statement takes a tenth of a second and more, and there is none here that runs as long.
    client.query('set jit = off').catch(() => undefined);
  });
  const statement = nameStatements();
  const readerOf = (queries: Queries, kysely: Kysely<unknown>): Reader => ({
    dialect: 'postgres',
    sql: <T>() => kysely as unknown as Kysely<T>,
    run: async <Row>(text: string, parameters: readonly unknown[]) =>
      (await queries.query({ ...statement(text), values: [...parameters] })).rows as Row[],
  });
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  const readers = new WeakMap<pg.PoolClient, Reader>();
  const reader: Reader = {
    ...readerOf(pool as unknown as Queries, kysely),
    each: async (text, parameters, take) => {
      const client = await pool.connect();
      try {
        await eachRow(client, { ...statement(text), values: [...parameters] }, take);
        client.release();
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
  };
  return {
    reader,
    longReads: reader,
    kysely,
    transact: async (work, options) => {
      const client = await pool.connect();
      const reader = readers.get(client) ?? readerOf(client, builderOn(client));
      readers.set(client, reader);
      return transactOn(client, reader, { work, ...options });
    },
    close: () => kysely.destroy(),
  };
}

/** Gives each row to `take` as it comes. What that throws must not be thrown into the driver, which would lose its place. */
function eachRow(client: pg.PoolClient, config: pg.QueryConfig, take: (row: unknown) => void): Promise<void> {
  let refused: { readonly error: unknown } | undefined;
  return new Promise((resolve, reject) => {
    const query = client.query(new pg.Query(config));
    query.on('row', (row: unknown) => {
      if (refused !== undefined) return;
      try {
        take(row);
      } catch (error) {
        refused = { error };
      }
    });
    query.on('error', reject);
    query.on('end', () => (refused === undefined ? resolve() : reject(refused.error)));
  });
}

/** A query builder whose statements all go over this one connection. */
function builderOn(client: pg.PoolClient): Kysely<unknown> {
  const lent = { query: client.query.bind(client), release: () => undefined };
  const pool = { connect: async () => lent, end: async () => undefined };
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool: pool as unknown as pg.Pool }) });
}

/** BEGIN travels with the first statement and COMMIT with the last ones: two round trips less for every change. */
async function transactOn<T>(
  client: pg.PoolClient,
  reader: Reader,
  { work, ...options }: TransactionOptions & { readonly work: Work<T> },
): Promise<T> {
  let isBroken = false;
  try {
    const begun = client.query(opening(options));
    // Whoever waits for the first statement hears of a lost connection first.
    begun.catch(() => undefined);
    const { value, closing } = await work(reader);
    const [{ command }] = await Promise.all([client.query('commit'), closing, begun]);
    // PostgreSQL answers so to the COMMIT of a transaction that a swallowed error has spoilt.
    if (command !== 'COMMIT') throw new Error(`PostgreSQL answered COMMIT with ${command}.`);
    return value;
  } catch (error) {
    await client.query('rollback').catch(() => {
      isBroken = true;
    });
    throw error;
  } finally {
    client.release(isBroken);
  }
}

function opening({ lockTimeoutMs, plansOnce = false }: TransactionOptions): string {
  return [
    'begin',
    ...(lockTimeoutMs === undefined ? [] : [`set local lock_timeout = ${lockTimeoutMs}`]),
    ...(plansOnce ? ['set local plan_cache_mode = force_generic_plan'] : []),
  ].join('; ');
}
