import { type Kysely, sql } from 'kysely';
import type { Dialect, RoomMigrations } from './db-types.js';

/** The ledger refuses UPDATE and DELETE by trigger, in both engines: history is appended to, never edited. */
async function forbidEdits(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  if (dialect === 'sqlite') {
    for (const verb of ['UPDATE', 'DELETE']) {
      await sql
        .raw(
          `CREATE TRIGGER ledger_no_${verb.toLowerCase()} BEFORE ${verb} ON ledger
           BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END`,
        )
        .execute(db);
    }
    return;
  }
  await sql
    .raw(
      `CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$`,
    )
    .execute(db);
  await sql
    .raw(
      `CREATE TRIGGER ledger_no_edit BEFORE UPDATE OR DELETE ON ledger
       FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()`,
    )
    .execute(db);
}

export const ledgerMigrations: RoomMigrations = {
  room: 'platform-ledger',
  migrations: [
    {
      id: '001-ledger',
      up: async (db, dialect) => {
        await db.schema
          .createTable('ledger')
          .addColumn('seq', 'bigint', (c) => c.primaryKey())
          .addColumn('id', 'text', (c) => c.notNull().unique())
          .addColumn('at_ms', 'bigint', (c) => c.notNull())
          .addColumn('type', 'text', (c) => c.notNull())
          .addColumn('subject_kind', 'text', (c) => c.notNull())
          .addColumn('subject_id', 'text', (c) => c.notNull())
          .addColumn('actor_id', 'text', (c) => c.notNull())
          .addColumn('outcome', 'text', (c) => c.notNull())
          .addColumn('request_id', 'text')
          .addColumn('body', 'text', (c) => c.notNull())
          .addColumn('previous_hash', 'text', (c) => c.notNull())
          .addColumn('hash', 'text', (c) => c.notNull())
          .execute();
        await db.schema.createIndex('ledger_by_type').on('ledger').columns(['type', 'seq']).execute();
        await db.schema
          .createIndex('ledger_by_subject')
          .on('ledger')
          .columns(['subject_kind', 'subject_id', 'seq'])
          .execute();
        await forbidEdits(db, dialect);
        await db.schema
          .createTable('ledger_cursor')
          .addColumn('consumer', 'text', (c) => c.primaryKey())
          .addColumn('seq', 'bigint', (c) => c.notNull())
          .execute();
        await db.schema
          .createTable('ledger_dead_letter')
          .addColumn('consumer', 'text', (c) => c.notNull())
          .addColumn('seq', 'bigint', (c) => c.notNull())
          .addColumn('at_ms', 'bigint', (c) => c.notNull())
          .addColumn('error', 'text', (c) => c.notNull())
          .addPrimaryKeyConstraint('ledger_dead_letter_pk', ['consumer', 'seq'])
          .execute();
      },
    },
  ],
};
