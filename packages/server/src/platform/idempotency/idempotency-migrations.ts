import type { RoomMigrations } from '../db/index.js';

export const idempotencyMigrations: RoomMigrations = {
  room: 'platform-idempotency',
  migrations: [
    {
      id: '001-unheard-answers',
      up: async (db) => {
        await db.schema
          .createTable('unheard_answer')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('request', 'text', (c) => c.notNull())
          .addColumn('made', 'text', (c) => c.notNull())
          .addColumn('at_ms', 'bigint', (c) => c.notNull())
          .execute();
        await db.schema.createIndex('unheard_answer_by_request').on('unheard_answer').column('request').execute();
        await db.schema.createIndex('unheard_answer_by_time').on('unheard_answer').column('at_ms').execute();
      },
    },
  ],
};
