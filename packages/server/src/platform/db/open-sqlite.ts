import { Kysely, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { dbErrors } from './db-errors.js';
import type { Reader } from './db-types.js';
import type { Connections } from './engine.js';
import { openLongReads } from './long-reads/open-long-reads.js';
import { keepPrepared } from './prepared-statements.js';
import { shareCommits } from './share-commits.js';

/** `normal` survives the death of the process, `full` a power cut too (one fsync per commit). */
export type Durability = 'normal' | 'full';

const READER_CACHE_KIB = 16_384;
const BUSY_MS = 10_000;

/**
 * Opens (or creates) a SQLite file in WAL mode, twice: one connection for every transaction, and one for reads outside of
 * them, which see the last commit and never wait for the writer. Threads for long reads open it again when they are needed.
 * Throws DB_UNAVAILABLE.
 */
export function openSqlite(path: string, durability: Durability): Connections {
  try {
    const writer = connect(path, durability);
    const reader = connect(path, durability);
    // Searches go through a hundred thousand rows in an order that is not the file's: with the 2 MiB that SQLite takes by
    // itself, such a walk reads most pages again for every row and takes five times as long.
    reader.exec(`PRAGMA cache_size = -${READER_CACHE_KIB}`);
    const { transact, between } = shareCommits(writer.reader, writer.exec);
    const longReads = openLongReads({ path, copyLog: () => between(() => copyLog(writer.database)) });
    return {
      reader: reader.reader,
      longReads: longReads.reader,
      kysely: writer.kysely,
      transact,
      close: async () => {
        await longReads.close();
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
  database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  // Writers wait while the log is copied into the file, and pages that many of them touch are copied once: 16 MiB instead of 4.
  database.exec('PRAGMA wal_autocheckpoint = 4000');
  return { database, ...sqliteConnection(database) };
}

/** Copies the whole log into the file and empties it; only as much as can be, at once, when another program reads. */
function copyLog(database: Database.Database): void {
  database.exec('PRAGMA busy_timeout = 0');
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  }
}

/** Both ways to run statements on one connection: Kysely's, and ready texts straight to the prepared statement. */
export function sqliteConnection(database: Database.Database) {
  const prepared = keepPrepared(database);
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: prepared }) });
  const exec = (text: string) => void prepared.prepare(text).run([]);
  const reader: Reader = {
    dialect: 'sqlite',
    sql: <T>() => kysely as unknown as Kysely<T>,
    run: async <Row>(text: string, parameters: readonly unknown[]) => {
      const statement = prepared.prepare(text);
      if (statement.reader) return statement.all(parameters) as Row[];
      statement.run(parameters);
      return [];
    },
  };
  return { kysely, reader, exec };
}
