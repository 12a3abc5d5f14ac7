import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, type NewEvent, systemClock } from '@fairlead/kernel';
import { dbErrors } from './db-errors.js';
import type { ChangeContext, Db, Dialect, Reader, RoomMigrations, Tx } from './db-types.js';
import type { Connections } from './engine.js';
import { insertEntries, nextEntries } from './ledger.js';
import { ledgerMigrations } from './ledger-migrations.js';
import { migrate } from './migrate.js';
import { openPostgres } from './open-postgres.js';
import { type Durability, openSqlite } from './open-sqlite.js';

export interface OpenDbOptions {
  /** A file path (SQLite, folders are made) or a postgres:// address. */
  readonly url: string;
  readonly rooms: readonly RoomMigrations[];
  readonly durability?: Durability;
  readonly clock?: Clock;
}

/** Opens the metadata database and brings its schema up to date. Throws DB_UNAVAILABLE, DB_URL_UNSUPPORTED, DB_NEWER_SCHEMA. */
export async function openDb(options: OpenDbOptions): Promise<Db> {
  const clock = options.clock ?? systemClock;
  const connections = connect(options);
  try {
    await migrate(connections.kysely, connections.reader.dialect, {
      rooms: [ledgerMigrations, ...options.rooms],
      nowMs: clock.nowMs(),
    });
  } catch (cause) {
    await connections.close();
    if ((cause as { code?: string }).code === 'DB_NEWER_SCHEMA') throw cause;
    throw dbErrors.DB_UNAVAILABLE(`The database does not answer or cannot be migrated: ${(cause as Error).message}`, {
      cause,
    });
  }
  return createDb(connections, clock);
}

function connect({ url, durability = 'normal' }: OpenDbOptions): Connections {
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url);
  if (url.includes('://')) {
    throw dbErrors.DB_URL_UNSUPPORTED(`No driver for ${url.split('://')[0]}://.`, {
      data: { scheme: url.split('://')[0] },
    });
  }
  mkdirSync(dirname(url), { recursive: true });
  return openSqlite(url, durability);
}

const NOW_MS: Record<Dialect, string> = {
  sqlite: `select cast(unixepoch('subsec') * 1000 as integer) as now`,
  postgres: `select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`,
};

function createDb({ reader, longReads, transact, close }: Connections, clock: Clock): Db {
  return {
    ...reader,
    longReads,
    transact: async <T>(context: ChangeContext, work: (tx: Tx & Reader) => Promise<T>): Promise<T> => {
      const callbacks: (() => void)[] = [];
      const result = await transact(async (connection) => {
        const events: NewEvent[] = [];
        const { tx, end } = openTx(connection, { events, callbacks });
        try {
          const value = await work(tx);
          const [entries] = await Promise.all([
            nextEntries(connection, { context, events, atMs: clock.nowMs() }),
            context.alongside?.(tx, events),
          ]);
          return { value, closing: insertEntries(connection, entries) };
        } finally {
          end();
        }
      });
      for (const callback of callbacks) callback();
      return result;
    },
    nowMs: async (from = reader) => {
      const [row] = await from.run<{ now: number }>(NOW_MS[from.dialect], []);
      return Number(row?.now);
    },
    close,
  };
}

interface Collected {
  readonly events: NewEvent[];
  readonly callbacks: (() => void)[];
}

/** What `work` gets. After `end` it refuses: the connection then belongs to somebody else's transaction. */
function openTx(connection: Reader, { events, callbacks }: Collected): { tx: Tx & Reader; end: () => void } {
  let isOpen = true;
  const inside = () => {
    if (!isOpen) throw new Error('This transaction has ended.');
    return connection;
  };
  const tx: Tx & Reader = {
    dialect: connection.dialect,
    sql: <S>() => inside().sql<S>(),
    run: async (text, parameters) => inside().run(text, parameters),
    record: (event) => void events.push(event),
    afterCommit: (callback) => void callbacks.push(callback),
  };
  return {
    tx,
    end: () => {
      isOpen = false;
    },
  };
}
