import { type Kysely, sql } from 'kysely';
import { dbErrors } from './db-errors.js';
import type { Dialect, RoomMigrations } from './db-types.js';

interface MigrationTables {
  schema_migration: { room: string; id: string; applied_at_ms: number };
}

// Any constant: two servers that start on one PostgreSQL database migrate one after the other.
const MIGRATE_LOCK = 4_600_000;

/** Applies what is missing, room by room in the given order, all in one transaction. Throws DB_NEWER_SCHEMA. */
export async function migrate(
  db: Kysely<unknown>,
  dialect: Dialect,
  { rooms, nowMs }: { rooms: readonly RoomMigrations[]; nowMs: number },
): Promise<string[]> {
  return db.transaction().execute(async (trx) => {
    if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${MIGRATE_LOCK})`.execute(trx);
    await trx.schema
      .createTable('schema_migration')
      .ifNotExists()
      .addColumn('room', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('applied_at_ms', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('schema_migration_pk', ['room', 'id'])
      .execute();
    const typed = trx as unknown as Kysely<MigrationTables>;
    const done = await typed.selectFrom('schema_migration').select(['room', 'id']).execute();
    refuseNewerSchema(done, rooms);
    const applied: string[] = [];
    for (const { room, migrations } of rooms) {
      for (const migration of migrations) {
        if (done.some((row) => row.room === room && row.id === migration.id)) continue;
        await migration.up(trx, dialect);
        await typed.insertInto('schema_migration').values({ room, id: migration.id, applied_at_ms: nowMs }).execute();
        applied.push(`${room}/${migration.id}`);
      }
    }
    return applied;
  });
}

function refuseNewerSchema(done: readonly { room: string; id: string }[], rooms: readonly RoomMigrations[]): void {
  const unknown = done.find(
    (row) => !rooms.some((r) => r.room === row.room && r.migrations.some((m) => m.id === row.id)),
  );
  if (unknown === undefined) return;
  throw dbErrors.DB_NEWER_SCHEMA(`The database has the migration ${unknown.room}/${unknown.id}, unknown here.`, {
    data: { room: unknown.room, id: unknown.id },
  });
}
