import type { RoomMigrations } from '../../platform/db/index.js';

export const governanceMigrations: RoomMigrations = {
  room: 'governance',
  migrations: [
    {
      id: '001-openlineage',
      up: async (db) => {
        await db.schema
          .createTable('governance_openlineage_event')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('received_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('event_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('kind', 'text', (c) => c.notNull())
          .addColumn('event_type', 'text')
          .addColumn('subject', 'text', (c) => c.notNull())
          .addColumn('namespace', 'text', (c) => c.notNull())
          .addColumn('name', 'text', (c) => c.notNull())
          .addColumn('run_id', 'text')
          .addColumn('body', 'text', (c) => c.notNull())
          .execute();
        for (const [name, columns] of [
          ['received', ['received_at_ms', 'id']],
          ['run', ['run_id', 'event_at_ms']],
          ['subject', ['subject', 'received_at_ms']],
        ] as const) {
          await db.schema
            .createIndex(`governance_openlineage_by_${name}`)
            .on('governance_openlineage_event')
            .columns([...columns])
            .execute();
        }
        await db.schema
          .createTable('governance_openlineage_outbox')
          .addColumn('seq', 'bigint', (c) => c.primaryKey())
          .execute();
        await db.schema
          .createTable('governance_openlineage_refusal')
          .addColumn('seq', 'bigint', (c) => c.primaryKey())
          .addColumn('at_ms', 'bigint', (c) => c.notNull())
          .addColumn('reason', 'text', (c) => c.notNull())
          .execute();
      },
    },
  ],
};
