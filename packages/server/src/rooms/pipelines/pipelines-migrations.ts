import type { Kysely } from 'kysely';
import type { RoomMigrations } from '../../platform/db/index.js';

async function createDefinitions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('pipelines_spec')
    .addColumn('digest', 'text', (c) => c.primaryKey())
    .addColumn('spec', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('pipelines_pipeline')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('spec_digest', 'text', (c) => c.notNull().references('pipelines_spec.digest'))
    .addColumn('project_folder', 'text', (c) => c.notNull())
    .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
    .execute();
}

async function createRuns(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('pipelines_run')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('pipeline', 'text', (c) => c.notNull())
    .addColumn('spec_digest', 'text', (c) => c.notNull().references('pipelines_spec.digest'))
    .addColumn('project_folder', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('params', 'text', (c) => c.notNull())
    .addColumn('trigger_kind', 'text', (c) => c.notNull())
    .addColumn('trigger_ref', 'text')
    .addColumn('inputs_digest', 'text', (c) => c.notNull())
    .addColumn('cache_mode', 'text', (c) => c.notNull())
    .addColumn('tracking_run_id', 'text', (c) => c.notNull())
    .addColumn('creator', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('ended_at_ms', 'bigint')
    .execute();
  await db.schema
    .createIndex('pipelines_run_newest')
    .on('pipelines_run')
    .columns(['pipeline', 'created_at_ms', 'id'])
    .execute();
  await db.schema.createIndex('pipelines_run_by_state').on('pipelines_run').columns(['state', 'pipeline']).execute();
  await db.schema
    .createTable('pipelines_step')
    .addColumn('run_id', 'text', (c) => c.notNull().references('pipelines_run.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('job_id', 'text')
    .addColumn('fence', 'bigint', (c) => c.notNull())
    .addColumn('started_at_ms', 'bigint')
    .addColumn('ended_at_ms', 'bigint')
    .addColumn('cache_key', 'text')
    .addColumn('why_not_cached', 'text', (c) => c.notNull())
    .addColumn('cached_from_run_id', 'text')
    .addColumn('outputs', 'text', (c) => c.notNull())
    .addColumn('summary', 'text', (c) => c.notNull())
    .addColumn('tracking_run_id', 'text')
    .addColumn('error', 'text')
    .addPrimaryKeyConstraint('pipelines_step_pk', ['run_id', 'name'])
    .execute();
}

async function createCache(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('pipelines_cache')
    .addColumn('cache_key', 'text', (c) => c.notNull())
    .addColumn('pipeline', 'text', (c) => c.notNull())
    .addColumn('step', 'text', (c) => c.notNull())
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('tracking_run_id', 'text')
    .addColumn('components', 'text', (c) => c.notNull())
    .addColumn('outputs', 'text', (c) => c.notNull())
    .addColumn('summary', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('pipelines_cache_pk', ['cache_key', 'pipeline', 'step'])
    .execute();
  await db.schema
    .createIndex('pipelines_cache_latest')
    .on('pipelines_cache')
    .columns(['pipeline', 'step', 'created_at_ms'])
    .execute();
}

export const pipelinesMigrations: RoomMigrations = {
  room: 'pipelines',
  migrations: [
    {
      id: '001-pipelines',
      up: async (db) => {
        await createDefinitions(db);
        await createRuns(db);
        await createCache(db);
      },
    },
  ],
};
