import type { RoomMigrations } from '../../platform/db/index.js';

export const monitoringMigrations: RoomMigrations = {
  room: 'monitoring',
  migrations: [
    {
      id: '001-monitors',
      up: async (db) => {
        await db.schema
          .createTable('monitoring_monitor')
          .addColumn('name', 'text', (c) => c.primaryKey())
          .addColumn('spec', 'text', (c) => c.notNull())
          .addColumn('checks', 'integer', (c) => c.notNull())
          .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
          .execute();
        await db.schema
          .createTable('monitoring_report')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('monitor', 'text', (c) => c.notNull())
          .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('body', 'text', (c) => c.notNull())
          .execute();
        await db.schema
          .createIndex('monitoring_report_by_monitor')
          .on('monitoring_report')
          .columns(['monitor', 'created_at_ms'])
          .execute();
      },
    },
    {
      id: '002-alerts',
      up: async (db) => {
        await db.schema
          .createTable('monitoring_alert')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('monitor', 'text', (c) => c.notNull())
          .addColumn('endpoint', 'text', (c) => c.notNull())
          .addColumn('kind', 'text', (c) => c.notNull())
          .addColumn('state', 'text', (c) => c.notNull())
          // Monitor and kind while the alert is not resolved, null afterwards: the database itself keeps it to one.
          .addColumn('active_key', 'text', (c) => c.unique())
          .addColumn('opened_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('body', 'text', (c) => c.notNull())
          .execute();
        await db.schema.createIndex('monitoring_alert_by_time').on('monitoring_alert').column('opened_at_ms').execute();
      },
    },
    {
      id: '003-truth',
      up: async (db) => {
        for (const table of ['monitoring_truth', 'monitoring_truth_history']) {
          const isHistory = table === 'monitoring_truth_history';
          await db.schema
            .createTable(table)
            .addColumn('endpoint', 'text', (c) => c.notNull())
            .addColumn('prediction_id', 'text', (c) => c.notNull())
            .addColumn('revision', 'integer', (c) => c.notNull())
            .addColumn('label', 'text', (c) => c.notNull())
            .addColumn('observed_at_ms', 'bigint', (c) => c.notNull())
            .addColumn('posted_at_ms', 'bigint', (c) => c.notNull())
            .addPrimaryKeyConstraint(`${table}_pk`, [
              'endpoint',
              'prediction_id',
              ...(isHistory ? (['revision'] as const) : []),
            ])
            .execute();
        }
      },
    },
    {
      id: '004-rewards',
      up: async (db) => {
        await db.schema
          .createTable('monitoring_reward')
          .addColumn('endpoint', 'text', (c) => c.notNull())
          .addColumn('prediction_id', 'text', (c) => c.notNull())
          .addColumn('value', 'double precision', (c) => c.notNull())
          .addColumn('observed_at_ms', 'bigint', (c) => c.notNull())
          .addColumn('posted_at_ms', 'bigint', (c) => c.notNull())
          .addPrimaryKeyConstraint('monitoring_reward_pk', ['endpoint', 'prediction_id'])
          .execute();
      },
    },
  ],
};
