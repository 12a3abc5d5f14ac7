import type { Kysely } from 'kysely';
import type { RoomMigrations } from '../../platform/db/index.js';
import { timeOfDefaultExperiment } from './default-experiment-migrations.js';
import { createFiles } from './files/file-migrations.js';
import { createInputs } from './inputs/input-migrations.js';
import { createMetricDatasets } from './metric-datasets.sql.js';
import { createModels } from './models/model-migrations.js';
import { numberedStore } from './numbered-store-migrations.js';
import { createPurged } from './purge/purge-migrations.js';
import { markSeriesInTime } from './sample-tables.sql.js';

async function createRuns(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tracking_experiment')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('tags', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('tracking_run')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('experiment_id', 'text', (c) => c.notNull().references('tracking_experiment.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('parent_run_id', 'text')
    .addColumn('started_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('ended_at_ms', 'bigint')
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('environment', 'text')
    .execute();
  await db.schema
    .createIndex('tracking_run_newest')
    .on('tracking_run')
    .columns(['experiment_id', 'started_at_ms', 'id'])
    .execute();
  await db.schema.createIndex('tracking_run_by_parent').on('tracking_run').column('parent_run_id').execute();
}

async function createFacts(db: Kysely<unknown>): Promise<void> {
  for (const table of ['tracking_param', 'tracking_tag']) {
    await db.schema
      .createTable(table)
      .addColumn('run_id', 'text', (c) => c.notNull().references('tracking_run.id'))
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint(`${table}_pk`, ['run_id', 'key'])
      .execute();
  }
  const metricColumns = (table: string) =>
    db.schema
      .createTable(table)
      .addColumn('run_id', 'text', (c) => c.notNull().references('tracking_run.id'))
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('step', 'bigint', (c) => c.notNull())
      .addColumn('timestamp_ms', 'bigint', (c) => c.notNull())
      .addColumn('value', 'double precision', (c) => c.notNull())
      .addColumn('special', 'integer', (c) => c.notNull());
  await metricColumns('tracking_metric')
    .addPrimaryKeyConstraint('tracking_metric_pk', ['run_id', 'key', 'step', 'timestamp_ms', 'value', 'special'])
    .execute();
  await metricColumns('tracking_latest_metric')
    .addPrimaryKeyConstraint('tracking_latest_metric_pk', ['run_id', 'key'])
    .execute();
  await db.schema
    .createTable('tracking_artifact')
    .addColumn('run_id', 'text', (c) => c.notNull().references('tracking_run.id'))
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('size_bytes', 'bigint', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('tracking_artifact_pk', ['run_id', 'path'])
    .execute();
}

async function createEdges(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tracking_edge')
    .addColumn('from_kind', 'text', (c) => c.notNull())
    .addColumn('from_id', 'text', (c) => c.notNull())
    .addColumn('to_kind', 'text', (c) => c.notNull())
    .addColumn('to_id', 'text', (c) => c.notNull())
    .addColumn('relation', 'text', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('tracking_edge_pk', ['from_kind', 'from_id', 'to_kind', 'to_id', 'relation'])
    .execute();
  await db.schema.createIndex('tracking_edge_by_to').on('tracking_edge').columns(['to_kind', 'to_id']).execute();
}

export const trackingMigrations: RoomMigrations = {
  room: 'tracking',
  migrations: [
    {
      id: '001-tracking',
      up: async (db) => {
        await createRuns(db);
        await createFacts(db);
        await createEdges(db);
      },
    },
    numberedStore,
    { id: '003-files', up: createFiles },
    {
      id: '004-inputs-and-models',
      up: async (db, dialect) => {
        await createInputs(db, dialect);
        await createModels(db, dialect);
      },
    },
    { id: '005-purged', up: createPurged },
    timeOfDefaultExperiment,
    { id: '007-metric-datasets', up: createMetricDatasets },
    { id: '008-series-in-time', up: markSeriesInTime },
  ],
};
