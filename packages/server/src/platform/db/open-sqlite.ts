import { Kysely, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { dbErrors } from './db-errors.js';
import { keepPrepared } from './prepared-statements.js';

/** `normal` survives the death of the process, `full` a power cut too (one fsync per commit). */
export type Durability = 'normal' | 'full';

export interface SqliteConnections {
  /** The single writer: every transaction runs here, one after the other. */
  readonly writer: Kysely<unknown>;
  /** A second connection, so that a read outside a transaction sees the last commit and never waits for the writer. */
  readonly reader: Kysely<unknown>;
  close(): Promise<void>;
}

const READER_CACHE_KIB = 16_384;

/** Opens (or creates) a SQLite file in WAL mode. Throws DB_UNAVAILABLE. */
export function openSqlite(path: string, durability: Durability): SqliteConnections {
  try {
    const writer = connect(path, durability);
    const reader = connect(path, durability);
    // Searches go through a hundred thousand rows in an order that is not the file's: with the 2 MiB that SQLite takes by
    // itself, such a walk reads most pages again for every row and takes five times as long.
    reader.database.exec(`PRAGMA cache_size = -${READER_CACHE_KIB}`);
    return {
      writer: writer.kysely,
      reader: reader.kysely,
      close: async () => {
        await reader.kysely.destroy();
        await writer.kysely.destroy();
      },
    };
  } catch (cause) {
    throw dbErrors.DB_UNAVAILABLE(`SQLite cannot open ${path}.`, { data: { path }, cause });
  }
}

function connect(path: string, durability: Durability) {
  const database = new Database(path);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(`PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`);
  database.exec('PRAGMA foreign_keys = ON');
  database.exec('PRAGMA busy_timeout = 10000');
  return {
    database,
    kysely: new Kysely<unknown>({ dialect: new SqliteDialect({ database: keepPrepared(database) }) }),
  };
}
