import type { RoomMigrations } from '../../platform/db/index.js';

export const releaseMigrations: RoomMigrations = {
  room: 'release',
  migrations: [
    {
      id: '001-releases',
      up: async (db) => {
        await db.schema
          .createTable('release_policy')
          .addColumn('endpoint', 'text', (c) => c.primaryKey())
          .addColumn('digest', 'text', (c) => c.notNull())
          .addColumn('body', 'text', (c) => c.notNull())
          .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
          .execute();
        await db.schema
          .createTable('release_release')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('revision', 'integer', (c) => c.notNull())
          .addColumn('endpoint', 'text', (c) => c.notNull())
          .addColumn('model', 'text', (c) => c.notNull())
          .addColumn('version', 'integer', (c) => c.notNull())
          .addColumn('model_digest', 'text', (c) => c.notNull())
          .addColumn('state', 'text', (c) => c.notNull())
          .addColumn('body', 'text', (c) => c.notNull())
          .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
          .execute();
        await db.schema
          .createIndex('release_by_endpoint')
          .on('release_release')
          .columns(['endpoint', 'created_at_ms'])
          .execute();
        await db.schema
          .createTable('release_approval')
          .addColumn('endpoint', 'text', (c) => c.notNull())
          .addColumn('model_digest', 'text', (c) => c.notNull())
          .addColumn('release_id', 'text', (c) => c.notNull())
          .addColumn('approved_at_ms', 'bigint', (c) => c.notNull())
          .addPrimaryKeyConstraint('release_approval_pk', ['endpoint', 'model_digest', 'release_id'])
          .execute();
      },
    },
    {
      id: '002-environments',
      up: async (db) => {
        await db.schema
          .createTable('release_environment')
          .addColumn('name', 'text', (c) => c.primaryKey())
          .addColumn('body', 'text', (c) => c.notNull())
          .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
          .execute();
        // Everything released before was released to production.
        await db.schema
          .alterTable('release_release')
          .addColumn('environment', 'text', (c) => c.notNull().defaultTo('production'))
          .execute();
      },
    },
  ],
};
