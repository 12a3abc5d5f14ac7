import { type DatabaseConnection, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { Reader } from '../db-types.js';

/** Kysely over something that runs SQLite's texts and gives rows: for reading, without transactions. */
export function readingKysely(run: Reader['run']): Kysely<unknown> {
  const connection: DatabaseConnection = {
    executeQuery: async <Row>({ sql, parameters }: { sql: string; parameters: readonly unknown[] }) => ({
      rows: await run<Row>(sql, parameters),
    }),
    streamQuery: () => {
      throw new Error('Rows of a long read are not given one by one.');
    },
  };
  const noTransaction = () => Promise.reject(new Error('Long reads have no transactions: each sees its own moment.'));
  return new Kysely<unknown>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createIntrospector: (kysely) => new SqliteIntrospector(kysely),
      createDriver: () => ({
        init: async () => undefined,
        acquireConnection: async () => connection,
        beginTransaction: noTransaction,
        commitTransaction: noTransaction,
        rollbackTransaction: noTransaction,
        releaseConnection: async () => undefined,
        destroy: async () => undefined,
      }),
    },
  });
}
