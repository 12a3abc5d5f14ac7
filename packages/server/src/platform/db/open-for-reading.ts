import { existsSync } from 'node:fs';
import { Kysely, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { dbErrors } from './db-errors.js';
import type { Reader } from './db-types.js';
import { openPostgres } from './open-postgres.js';

/** A database that can be read and not changed: not migrated either, so any version's file can be looked at. */
export interface ReadOnlyDb extends Reader {
  close(): Promise<void>;
}

/** Opens what {@link openDb} opens, for reading only; a missing file is an error and is not made. Throws DB_UNAVAILABLE, DB_URL_UNSUPPORTED. */
export function openForReading(url: string): ReadOnlyDb {
  if (/^postgres(ql)?:\/\//.test(url)) return reading('postgres', openPostgres(url, 1));
  if (url.includes('://')) {
    const scheme = url.split('://')[0];
    throw dbErrors.DB_URL_UNSUPPORTED(`No driver for ${scheme}://.`, { data: { scheme } });
  }
  if (!existsSync(url)) throw dbErrors.DB_UNAVAILABLE(`There is no database at ${url}.`, { data: { path: url } });
  try {
    const database = new Database(url);
    database.exec('PRAGMA busy_timeout = 10000');
    database.exec('PRAGMA query_only = ON');
    return reading('sqlite', new Kysely<unknown>({ dialect: new SqliteDialect({ database }) }));
  } catch (cause) {
    throw dbErrors.DB_UNAVAILABLE(`SQLite cannot open ${url}.`, { data: { path: url }, cause });
  }
}

function reading(dialect: Reader['dialect'], kysely: Kysely<unknown>): ReadOnlyDb {
  return { dialect, sql: <T>() => kysely as unknown as Kysely<T>, close: () => kysely.destroy() };
}
