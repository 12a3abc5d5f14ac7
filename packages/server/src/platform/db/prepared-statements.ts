import type { SqliteDatabase } from 'kysely';
import type Database from 'libsql';
import { keepRecent } from './keep-recent.js';

type Statement = ReturnType<SqliteDatabase['prepare']>;

/** Statements kept per connection. The hot paths have some dozens; texts of many lengths (lists of rows) share the rest. */
const KEPT = 256;

/**
 * A connection that prepares each text once: SQLite needs longer to compile a small statement than to run it (a third of the
 * time that a logged metric took). The statement used last is dropped last. A statement must be read to its end before it
 * is run again, which Kysely does; reading row by row (`stream`) would share the statement, so nothing may do that here.
 */
export function keepPrepared(database: Database.Database): SqliteDatabase {
  const kept = keepRecent(KEPT, (text) => prepare(database, text));
  return {
    prepare: kept.get,
    close: () => {
      kept.clear();
      database.close();
    },
  };
}

function prepare(database: Database.Database, text: string): Statement {
  const statement = database.prepare(text);
  return {
    reader: statement.reader,
    all: (parameters) => statement.all(parameters) as unknown[],
    run: (parameters) => statement.run(parameters),
    iterate: () => {
      throw new Error('Rows are not read one by one from a prepared statement that others share.');
    },
  };
}
