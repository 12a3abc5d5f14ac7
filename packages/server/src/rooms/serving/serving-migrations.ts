import type { RoomMigrations } from '../../platform/db/index.js';

export const servingMigrations: RoomMigrations = {
  room: 'serving',
  migrations: [
    {
      id: '001-serving',
      up: async (db) => {
        await db.schema
          .createTable('serving_endpoint')
          .addColumn('name', 'text', (c) => c.primaryKey())
          .addColumn('model', 'text', (c) => c.notNull())
          .addColumn('description', 'text', (c) => c.notNull())
          .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
          .execute();
        await db.schema
          .createTable('serving_deployment')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('endpoint', 'text', (c) => c.notNull())
          .addColumn('environment', 'text', (c) => c.notNull())
          .addColumn('model', 'text', (c) => c.notNull())
          .addColumn('version', 'integer', (c) => c.notNull())
          .addColumn('digest', 'text', (c) => c.notNull())
          .addColumn('signature', 'text', (c) => c.notNull())
          .addColumn('state', 'text', (c) => c.notNull())
          .addColumn('error', 'text')
          .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('created_by', 'text', (c) => c.notNull())
          .execute();
        await db.schema
          .createIndex('serving_deployment_by_endpoint')
          .on('serving_deployment')
          .columns(['endpoint', 'environment', 'created_at_ms'])
          .execute();
        await db.schema
          .createTable('serving_routing')
          .addColumn('endpoint', 'text', (c) => c.notNull())
          .addColumn('environment', 'text', (c) => c.notNull())
          .addColumn('revision', 'integer', (c) => c.notNull())
          .addColumn('entries', 'text', (c) => c.notNull())
          .addColumn('shadows', 'text', (c) => c.notNull())
          .addColumn('reason', 'text', (c) => c.notNull())
          .addColumn('set_by', 'text', (c) => c.notNull())
          .addColumn('set_at_ms', 'bigint', (c) => c.notNull())
          .addPrimaryKeyConstraint('serving_routing_pk', ['endpoint', 'environment', 'revision'])
          .execute();
        await db.schema
          .createTable('serving_capture_object')
          .addColumn('segment', 'text', (c) => c.primaryKey())
          .addColumn('endpoint', 'text', (c) => c.notNull())
          .addColumn('digest', 'text', (c) => c.notNull())
          .addColumn('size_bytes', 'bigint', (c) => c.notNull())
          .addColumn('row_count', 'bigint', (c) => c.notNull())
          .addColumn('torn_lines', 'bigint', (c) => c.notNull())
          .addColumn('from_ms', 'bigint', (c) => c.notNull())
          .addColumn('until_ms', 'bigint', (c) => c.notNull())
          .execute();
        await db.schema
          .createIndex('serving_capture_object_by_time')
          .on('serving_capture_object')
          .columns(['endpoint', 'until_ms'])
          .execute();
      },
    },
    {
      id: '002-arms',
      up: async (db) => {
        await db.schema
          .createTable('serving_arm')
          .addColumn('deployment_id', 'text', (c) => c.primaryKey())
          .addColumn('endpoint', 'text', (c) => c.notNull())
          .addColumn('environment', 'text', (c) => c.notNull())
          .addColumn('revision', 'integer', (c) => c.notNull())
          .addColumn('counts', 'text', (c) => c.notNull())
          .execute();
      },
    },
    {
      id: '003-deployment-configuration',
      up: async (db) => {
        for (const table of ['serving_endpoint', 'serving_deployment']) {
          await db.schema
            .alterTable(table)
            .addColumn('configuration', 'text', (c) => c.notNull().defaultTo('{}'))
            .execute();
        }
      },
    },
    {
      id: '004-routing-spread',
      up: async (db) => {
        // Null: by ranges, as all tables before this.
        await db.schema.alterTable('serving_routing').addColumn('spread', 'text').execute();
      },
    },
  ],
};
