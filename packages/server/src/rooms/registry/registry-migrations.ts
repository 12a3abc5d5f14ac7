import type { RoomMigrations } from '../../platform/db/index.js';
import { moveToRecords } from './move-to-records.sql.js';

export const registryMigrations: RoomMigrations = {
  room: 'registry',
  migrations: [
    {
      id: '001-models',
      up: async (db) => {
        await db.schema
          .createTable('registry_model')
          .addColumn('name', 'text', (c) => c.primaryKey())
          .addColumn('description', 'text', (c) => c.notNull())
          .addColumn('next_version', 'integer', (c) => c.notNull())
          .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('created_by', 'text', (c) => c.notNull())
          .execute();
        await db.schema
          .createTable('registry_version')
          .addColumn('model', 'text', (c) => c.notNull().references('registry_model.name'))
          .addColumn('version', 'integer', (c) => c.notNull())
          .addColumn('digest', 'text', (c) => c.notNull())
          .addColumn('tracking_run_id', 'text', (c) => c.notNull())
          .addColumn('body', 'text', (c) => c.notNull())
          .addColumn('tags', 'text', (c) => c.notNull())
          .addColumn('card_texts', 'text', (c) => c.notNull())
          .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('created_by', 'text', (c) => c.notNull())
          .addPrimaryKeyConstraint('registry_version_pk', ['model', 'version'])
          .addUniqueConstraint('registry_version_once', ['model', 'digest', 'tracking_run_id'])
          .execute();
        await db.schema
          .createTable('registry_alias')
          .addColumn('model', 'text', (c) => c.notNull())
          .addColumn('alias', 'text', (c) => c.notNull())
          .addColumn('version', 'integer', (c) => c.notNull())
          .addPrimaryKeyConstraint('registry_alias_pk', ['model', 'alias'])
          .execute();
        await db.schema
          .createTable('registry_alias_history')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('model', 'text', (c) => c.notNull())
          .addColumn('alias', 'text', (c) => c.notNull())
          .addColumn('version', 'integer')
          .addColumn('at_ms', 'bigint', (c) => c.notNull())
          .addColumn('by', 'text', (c) => c.notNull())
          .execute();
      },
    },
    { id: '002-records', up: moveToRecords },
  ],
};
