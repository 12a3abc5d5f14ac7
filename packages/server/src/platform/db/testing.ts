import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Db, RoomMigrations } from './db-types.js';
import { openDb } from './open-db.js';

export interface TestDb {
  readonly db: Db;
  /** The address a second connection would use. */
  readonly url: string;
  dispose(): Promise<void>;
}

/** A fresh SQLite database in a folder of its own. */
export async function openTestSqlite(rooms: readonly RoomMigrations[]): Promise<TestDb> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-db-'));
  const url = join(folder, 'fairlead.db');
  const db = await openDb({ url, rooms });
  return {
    db,
    url,
    dispose: async () => {
      await db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The server that integration tests use; each test database is made and dropped by itself. */
const TEST_POSTGRES_URL = process.env.FAIRLEAD_TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** A fresh database on the PostgreSQL server of {@link TEST_POSTGRES_URL}. */
export async function openTestPostgres(rooms: readonly RoomMigrations[]): Promise<TestDb> {
  const name = `fairlead_test_${randomBytes(6).toString('hex')}`;
  await administer(`create database ${name}`);
  const url = new URL(TEST_POSTGRES_URL);
  url.pathname = `/${name}`;
  const db = await openDb({ url: url.toString(), rooms });
  return {
    db,
    url: url.toString(),
    dispose: async () => {
      await db.close();
      await administer(`drop database if exists ${name} with (force)`);
    },
  };
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: TEST_POSTGRES_URL });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
