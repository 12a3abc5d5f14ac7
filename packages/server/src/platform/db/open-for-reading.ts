import { existsSync } from 'node:fs';
import Database from 'libsql';
import { dbErrors } from './db-errors.js';
import type { Reader } from './db-types.js';
import { openPostgres } from './open-postgres.js';
import { sqliteConnection } from './open-sqlite.js';

/** A database that can be read and not changed: not migrated either, so any version's file can be looked at. */
export interface ReadOnlyDb extends Reader {
  close(): Promise<void>;
}

/** Opens what {@link openDb} opens, for reading only; a missing file is an error and is not made. Throws DB_UNAVAILABLE, DB_URL_UNSUPPORTED. */
export function openForReading(url: string): ReadOnlyDb {
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { reader, close } = openPostgres(url, 1);
    return { ...reader, close };
  }
  if (url.includes('://')) {
    const scheme = url.split('://')[0];
    throw dbErrors.DB_URL_UNSUPPORTED(`No driver for ${scheme}://.`, { data: { scheme } });
  }
  if (!existsSync(url)) throw dbErrors.DB_UNAVAILABLE(`There is no database at ${url}.`, { data: { path: url } });
  try {
    const database = new Database(url);
    database.exec('PRAGMA busy_timeout = 10000');
    database.exec('PRAGMA query_only = ON');
    const { reader, kysely } = sqliteConnection(database);
    return { ...reader, close: () => kysely.destroy() };
  } catch (cause) {
    throw dbErrors.DB_UNAVAILABLE(`SQLite cannot open ${url}.`, { data: { path: url }, cause });
  }
}
