import { sql } from 'kysely';
import { isOneOf } from '../../../platform/search/index.js';
import { toStored } from '../tracking-tables.sql.js';
import { toModels } from './model-facts.sql.js';
import { searchModels } from './model-search.sql.js';
import type { ModelStore } from './model-store.js';
import { modelTables, toModelHead } from './model-tables.sql.js';

/** Logged models on either engine. */
export const sqlModelStore: ModelStore = {
  insert: async (tx, model) => {
    const { no } = await modelTables(tx)
      .insertInto('tracking_logged_model')
      .values({
        id: model.id,
        experiment_id: model.experimentId,
        name: model.name,
        model_type: model.modelType,
        source_run_id: model.sourceRunId,
        status: model.status,
        lifecycle: model.lifecycle,
        artifact_root: model.artifactRoot,
        created_at_ms: model.createdAtMs,
        updated_at_ms: model.updatedAtMs,
      })
      .returning('no')
      .executeTakeFirstOrThrow();
    return no;
  },
  lock: async (tx, id) => {
    const query = modelTables(tx).selectFrom('tracking_logged_model').selectAll().where('id', '=', id);
    const row = await (tx.dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
    return row === undefined ? undefined : toModelHead(row);
  },
  update: async (tx, no, { updatedAtMs, ...change }) => {
    await modelTables(tx)
      .updateTable('tracking_logged_model')
      .set({ ...change, updated_at_ms: updatedAtMs })
      .where('no', '=', no)
      .execute();
  },
  find: async (reader, id) => {
    const rows = await modelTables(reader)
      .selectFrom('tracking_logged_model')
      .selectAll()
      .where('id', '=', id)
      .execute();
    return (await toModels(reader, rows))[0];
  },
  search: searchModels,
  numbers: async (reader, ids) => {
    if (ids.length === 0) return new Map();
    const rows = await modelTables(reader)
      .selectFrom('tracking_logged_model')
      .select(['id', 'no', 'lifecycle'])
      .where(isOneOf(reader.dialect, sql.ref('id'), ids))
      .execute();
    return new Map(rows.map(({ id, no, lifecycle }) => [id, { no, deleted: lifecycle === 'deleted' }]));
  },
  params: async (reader, no) => {
    const rows = await modelTables(reader)
      .selectFrom('tracking_logged_model_param')
      .select(['key', 'value'])
      .where('model_no', '=', no)
      .execute();
    return new Map(rows.map(({ key, value }) => [key, value]));
  },
  insertParams: async (tx, no, params) => {
    const rows = Object.entries(params).map(([key, value]) => ({ model_no: no, key, value }));
    if (rows.length > 0) await modelTables(tx).insertInto('tracking_logged_model_param').values(rows).execute();
  },
  upsertTags: async (tx, no, tags) => {
    const rows = Object.entries(tags).map(([key, value]) => ({ model_no: no, key, value }));
    if (rows.length === 0) return;
    await modelTables(tx)
      .insertInto('tracking_logged_model_tag')
      .values(rows)
      .onConflict((c) => c.columns(['model_no', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })))
      .execute();
  },
  removeTags: async (tx, no, keys) => {
    if (keys.length === 0) return [];
    const rows = await modelTables(tx)
      .deleteFrom('tracking_logged_model_tag')
      .where('model_no', '=', no)
      .where('key', 'in', [...keys])
      .returning('key')
      .execute();
    return rows.map(({ key }) => key);
  },
  insertMetrics: async (tx, metrics) => {
    if (metrics.length === 0) return;
    await modelTables(tx)
      .insertInto('tracking_model_metric')
      .values(
        metrics.map(({ no, key, runId, timestampMs, step, datasetName, datasetDigest, value }) => ({
          model_no: no,
          key,
          run_id: runId,
          timestamp_ms: timestampMs,
          step,
          dataset_name: datasetName ?? '',
          dataset_digest: datasetDigest ?? '',
          ...toStored(tx.dialect, value),
        })),
      )
      .onConflict((c) => c.doNothing())
      .execute();
  },
};
