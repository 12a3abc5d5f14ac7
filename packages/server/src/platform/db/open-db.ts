import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, systemClock } from '@fairlead/kernel';
import { dbErrors } from './db-errors.js';
import type { ChangeContext, Db, Dialect, Reader, RoomMigrations, TransactOptions, Tx } from './db-types.js';
import type { Connections } from './engine.js';
import { ledgerMigrations } from './ledger-migrations.js';
import { type MadeChange, makeChanges } from './make-changes.js';
import { migrate } from './migrate.js';
import { nameFullDisk } from './name-full-disk.js';
import { openPostgres } from './open-postgres.js';
import { type Durability, openSqlite } from './open-sqlite.js';
import { shareTransactions } from './share-transactions.js';

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

function createDb(connections: Connections, clock: Clock): Db {
  const { reader, longReads, transact, close } = connections;
  // SQLite's single writer shares commits of whatever comes together.
  const share = reader.dialect === 'postgres' ? shareTransactions(connections, clock) : undefined;
  return {
    ...reader,
    longReads,
    transact: async <T>(context: ChangeContext, work: (tx: Tx & Reader) => Promise<T>, options?: TransactOptions) => {
      const change = { context, work };
      const { value, callbacks } = await nameFullDisk(
        share === undefined || options === undefined
          ? transact((connection) => makeChanges(connection, [change], clock)).then(([made]) => made as MadeChange)
          : share(change, options.sharedBy),
      );
      for (const callback of callbacks) callback();
      return value as T;
    },
    nowMs: async (from = reader) => {
      const [row] = await from.run<{ now: number }>(NOW_MS[from.dialect], []);
      return Number(row?.now);
    },
    close,
  };
}
