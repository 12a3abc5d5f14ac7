import type { RoomMigrations } from '../../platform/db/index.js';

export const automationMigrations: RoomMigrations = {
  room: 'automation',
  migrations: [
    {
      id: '001-rules',
      up: async (db) => {
        await db.schema
          .createTable('automation_rule')
          .addColumn('name', 'text', (c) => c.primaryKey())
          .addColumn('event_type', 'text', (c) => c.notNull())
          .addColumn('spec', 'text', (c) => c.notNull())
          .addColumn('active_since_ms', 'bigint', (c) => c.notNull())
          .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
          .execute();
        await db.schema
          .createIndex('automation_rule_by_event')
          .on('automation_rule')
          .columns(['event_type', 'name'])
          .execute();
        await db.schema
          .createTable('automation_action_run')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('rule', 'text', (c) => c.notNull())
          .addColumn('action_index', 'integer', (c) => c.notNull())
          .addColumn('action_kind', 'text', (c) => c.notNull())
          .addColumn('target', 'text', (c) => c.notNull())
          .addColumn('action', 'text', (c) => c.notNull())
          .addColumn('state', 'text', (c) => c.notNull())
          .addColumn('detail', 'text', (c) => c.notNull())
          .addColumn('event_seq', 'bigint', (c) => c.notNull())
          .addColumn('event_type', 'text', (c) => c.notNull())
          .addColumn('job_id', 'text')
          .addColumn('result_kind', 'text')
          .addColumn('result_id', 'text')
          .addColumn('started_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('ended_at_ms', 'bigint')
          .addUniqueConstraint('automation_action_once', ['rule', 'event_seq', 'action_index'])
          .execute();
        await db.schema
          .createIndex('automation_action_by_target')
          .on('automation_action_run')
          .columns(['action_kind', 'target', 'started_at_ms'])
          .execute();
      },
    },
    {
      id: '002-subscriptions',
      up: async (db) => {
        await db.schema
          .createTable('automation_subscription')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('name', 'text', (c) => c.notNull())
          .addColumn('description', 'text', (c) => c.notNull())
          .addColumn('url', 'text', (c) => c.notNull())
          .addColumn('topics', 'text', (c) => c.notNull())
          .addColumn('active', 'integer', (c) => c.notNull())
          .addColumn('secret', 'text')
          .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
          .execute();
      },
    },
  ],
};
