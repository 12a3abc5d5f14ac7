import type { RoomMigrations } from '../db/index.js';

export const identityMigrations: RoomMigrations = {
  room: 'platform-identity',
  migrations: [
    {
      id: '001-people-and-tokens',
      up: async (db) => {
        await db.schema
          .createTable('person')
          .addColumn('name', 'text', (c) => c.primaryKey())
          .addColumn('display_name', 'text', (c) => c.notNull())
          .addColumn('kind', 'text', (c) => c.notNull())
          .addColumn('roles', 'text', (c) => c.notNull())
          .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('disabled_at_ms', 'bigint')
          .execute();
        await db.schema
          .createTable('access_token')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('person', 'text', (c) => c.notNull().references('person.name'))
          .addColumn('label', 'text', (c) => c.notNull())
          .addColumn('secret_hash', 'text', (c) => c.notNull())
          .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('expires_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('revoked_at_ms', 'bigint')
          .execute();
        await db.schema.createIndex('access_token_by_person').on('access_token').column('person').execute();
      },
    },
  ],
};
