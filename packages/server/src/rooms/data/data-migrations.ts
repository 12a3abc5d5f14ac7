import type { Kysely } from 'kysely';
import type { RoomMigrations } from '../../platform/db/index.js';

async function createTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('data_dataset')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('spec', 'text', (c) => c.notNull())
    .addColumn('contract_digest', 'text', (c) => c.notNull())
    .addColumn('inferred_columns', 'text')
    .addColumn('latest_version_id', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('data_version')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('dataset', 'text', (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('row_count', 'bigint', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('data_version_pk', ['id'])
    .addUniqueConstraint('data_version_number', ['dataset', 'number'])
    .execute();
  await db.schema
    .createTable('data_delivery')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('dataset', 'text', (c) => c.notNull())
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('version_id', 'text')
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('data_delivery_by_dataset').on('data_delivery').columns(['dataset', 'id']).execute();
  await db.schema
    .createIndex('data_delivery_by_fingerprint')
    .on('data_delivery')
    .columns(['dataset', 'fingerprint'])
    .execute();
  await db.schema
    .createTable('data_split')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('version_id', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('data_split_by_version').on('data_split').column('version_id').execute();
  await db.schema
    .createTable('data_profile')
    .addColumn('subject', 'text', (c) => c.primaryKey())
    .addColumn('digest', 'text', (c) => c.notNull())
    .execute();
}

export const dataMigrations: RoomMigrations = {
  room: 'data',
  migrations: [{ id: '001-data', up: createTables }],
};
