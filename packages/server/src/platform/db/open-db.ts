import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, type NewEvent, systemClock } from '@fairlead/kernel';
import { type Kysely, sql } from 'kysely';
import { dbErrors } from './db-errors.js';
import type { ChangeContext, Db, Dialect, Reader, RoomMigrations, Tx } from './db-types.js';
import { appendToLedger, type LedgerTables } from './ledger.js';
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

interface Connections {
  readonly dialect: Dialect;
  readonly writer: Kysely<unknown>;
  readonly reader: Kysely<unknown>;
  close(): Promise<void>;
}

/** Opens the metadata database and brings its schema up to date. Throws DB_UNAVAILABLE, DB_URL_UNSUPPORTED, DB_NEWER_SCHEMA. */
export async function openDb(options: OpenDbOptions): Promise<Db> {
  const clock = options.clock ?? systemClock;
  const connections = connect(options);
  try {
    await migrate(connections.writer, connections.dialect, {
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
  if (/^postgres(ql)?:\/\//.test(url)) {
    const pool = openPostgres(url);
    return { dialect: 'postgres', writer: pool, reader: pool, close: () => pool.destroy() };
  }
  if (url.includes('://')) {
    throw dbErrors.DB_URL_UNSUPPORTED(`No driver for ${url.split('://')[0]}://.`, {
      data: { scheme: url.split('://')[0] },
    });
  }
  mkdirSync(dirname(url), { recursive: true });
  return { dialect: 'sqlite', ...openSqlite(url, durability) };
}

const NOW_MS: Record<Dialect, string> = {
  sqlite: `cast(unixepoch('subsec') * 1000 as integer)`,
  postgres: `(extract(epoch from clock_timestamp()) * 1000)::bigint`,
};

function createDb({ dialect, writer, reader, close }: Connections, clock: Clock): Db {
  const reading: Reader = { dialect, sql: <T>() => reader as unknown as Kysely<T> };
  return {
    ...reading,
    transact: async <T>(context: ChangeContext, work: (tx: Tx & Reader) => Promise<T>): Promise<T> => {
      const callbacks: (() => void)[] = [];
      const result = await writer.transaction().execute(async (trx) => {
        const events: NewEvent[] = [];
        const tx: Reader = { dialect, sql: <S>() => trx as unknown as Kysely<S> };
        const value = await work({
          ...tx,
          record: (event) => events.push(event),
          afterCommit: (callback) => callbacks.push(callback),
        });
        await context.alongside?.(tx, events);
        await appendToLedger(trx as unknown as Kysely<LedgerTables>, dialect, { context, events, atMs: clock.nowMs() });
        return value;
      });
      for (const callback of callbacks) callback();
      return result;
    },
    nowMs: async (from = reading) => {
      const { rows } = await sql<{ now: number }>`select ${sql.raw(NOW_MS[dialect])} as now`.execute(
        from.sql<unknown>(),
      );
      return Number(rows[0]?.now);
    },
    close,
  };
}
