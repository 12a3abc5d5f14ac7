import { newId } from '@fairlead/kernel';
import { type Kysely, sql } from 'kysely';
import type { Migration } from '../../platform/db/index.js';
import { modelNameKey } from './catalogue/name-rules.js';
import type { Tables } from './registry-tables.sql.js';

interface OldTables {
  old_registry_model: {
    name: string;
    description: string;
    next_version: number;
    created_at_ms: number;
    created_by: string;
  };
  old_registry_version: {
    model: string;
    version: number;
    digest: string;
    tracking_run_id: string;
    body: string;
    tags: string;
    card_texts: string;
    created_at_ms: number;
    created_by: string;
  };
  old_registry_alias: { model: string; alias: string; version: number };
  old_registry_alias_history: {
    id: string;
    model: string;
    alias: string;
    version: number | null;
    at_ms: number;
    by: string;
  };
}

const OLD = ['registry_alias_history', 'registry_alias', 'registry_version', 'registry_model'] as const;

/**
 * From models that are known by their names to models with an id (names change and are used again), and from packaged
 * versions to versions of any flavour. Everything that was stored is carried over.
 */
export const moveToRecords: Migration['up'] = async (db) => {
  for (const table of OLD) await db.schema.alterTable(table).renameTo(`old_${table}`).execute();
  await createTables(db);
  await carryOver(db as Kysely<Tables & OldTables>);
  for (const table of OLD) await db.schema.dropTable(`old_${table}`).execute();
  await createIndexes(db);
};

async function createTables({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('registry_model')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_key', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('highest_version', 'integer', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('deleted_at_ms', 'bigint')
    .execute();
  await schema
    .createTable('registry_version')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('model_id', 'text', (c) => c.notNull().references('registry_model.id'))
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('files_root', 'text', (c) => c.notNull())
    .addColumn('run_id', 'text')
    .addColumn('logged_model_id', 'text')
    .addColumn('flavours', 'text', (c) => c.notNull())
    .addColumn('stage', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('link', 'text', (c) => c.notNull())
    .addColumn('servable', 'text', (c) => c.notNull())
    .addColumn('not_servable', 'text')
    .addColumn('digest', 'text')
    .addColumn('tracking_run_id', 'text')
    .addColumn('package', 'text')
    .addColumn('card_texts', 'text', (c) => c.notNull())
    .addColumn('retry_key', 'text')
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('updated_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('deleted_at_ms', 'bigint')
    .execute();
  await schema
    .createTable('registry_model_tag')
    .addColumn('model_id', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('registry_model_tag_pk', ['model_id', 'key'])
    .execute();
  await schema
    .createTable('registry_version_tag')
    .addColumn('version_id', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('registry_version_tag_pk', ['version_id', 'key'])
    .execute();
  await schema
    .createTable('registry_alias')
    .addColumn('model_id', 'text', (c) => c.notNull())
    .addColumn('alias', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('registry_alias_by_model_pk', ['model_id', 'alias'])
    .execute();
  await schema
    .createTable('registry_history')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('model_id', 'text', (c) => c.notNull())
    .addColumn('what', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('version', 'integer')
    .addColumn('at_ms', 'bigint', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .execute();
}

async function createIndexes(db: Kysely<unknown>): Promise<void> {
  const index = (name: string, table: string, columns: string[]) =>
    db.schema.createIndex(name).on(table).columns(columns);
  await index('registry_model_key', 'registry_model', ['name_key'])
    .unique()
    .where(sql.ref('deleted_at_ms'), 'is', null)
    .execute();
  await index('registry_model_name', 'registry_model', ['name']).execute();
  await index('registry_version_number', 'registry_version', ['model_id', 'version']).unique().execute();
  await index('registry_version_run', 'registry_version', ['run_id']).execute();
  await index('registry_version_created', 'registry_version', ['created_at_ms']).execute();
  await index('registry_history_model', 'registry_history', ['model_id', 'at_ms']).execute();
}

async function carryOver(db: Kysely<Tables & OldTables>): Promise<void> {
  const ids = new Map<string, string>();
  const keys = new Set<string>();
  for (const { next_version, ...model } of await db.selectFrom('old_registry_model').selectAll().execute()) {
    const id = newId(model.created_at_ms);
    ids.set(model.name, id);
    const key = modelNameKey(model.name);
    // Names that differ in case only were allowed. No new name can have this key: '/' is in none.
    const name_key = keys.has(key) ? `${key}/${id}` : key;
    keys.add(key);
    await db
      .insertInto('registry_model')
      .values({
        ...model,
        id,
        name_key,
        highest_version: next_version - 1,
        updated_at_ms: model.created_at_ms,
        deleted_at_ms: null,
      })
      .execute();
  }
  const modelId = (name: string) => ids.get(name) as string;
  for (const version of await db.selectFrom('old_registry_version').selectAll().execute()) {
    await carryVersion(db as unknown as Kysely<Tables>, version, modelId(version.model));
  }
  for (const { model, alias, version } of await db.selectFrom('old_registry_alias').selectAll().execute()) {
    await db
      .insertInto('registry_alias')
      .values({ model_id: modelId(model), alias, version })
      .execute();
  }
  for (const { model, alias, ...rest } of await db.selectFrom('old_registry_alias_history').selectAll().execute()) {
    await db
      .insertInto('registry_history')
      .values({ ...rest, model_id: modelId(model), what: 'alias', name: alias })
      .execute();
  }
}

async function carryVersion(
  db: Kysely<Tables>,
  old: OldTables['old_registry_version'],
  modelId: string,
): Promise<void> {
  const { version, digest, card_texts, created_at_ms, created_by } = old;
  const id = newId(created_at_ms);
  const root = `artifacts:/registry/${id}`;
  const body = JSON.parse(old.body) as { source: { trackingRunId: string | null } };
  await db
    .insertInto('registry_version')
    .values({
      id,
      model_id: modelId,
      version,
      source: root,
      files_root: root,
      run_id: body.source.trackingRunId,
      logged_model_id: null,
      flavours: '["onnx"]',
      stage: 'None',
      description: '',
      link: '',
      servable: 'yes',
      not_servable: null,
      digest,
      tracking_run_id: body.source.trackingRunId,
      package: JSON.stringify({ digest, ...body }),
      card_texts,
      retry_key: null,
      created_at_ms,
      updated_at_ms: created_at_ms,
      created_by,
      deleted_at_ms: null,
    })
    .execute();
  const tags = Object.entries(JSON.parse(old.tags) as Record<string, string>);
  if (tags.length === 0) return;
  await db
    .insertInto('registry_version_tag')
    .values(tags.map(([key, value]) => ({ version_id: id, key, value })))
    .execute();
}
