import { newId } from '@fairlead/kernel';
import { sql } from 'kysely';
import { isOneOf } from '../../platform/search/index.js';
import { modelNameKey } from './catalogue/name-rules.js';
import { searchModels, searchVersions } from './registry-search.sql.js';
import type { RegistryStore, StoredVersion } from './registry-store.js';
import { type NamedVersionRow, type Tables, toModels, toVersions, versionQuery } from './registry-tables.sql.js';
import { changeModel, changeVersion, insertVersion, setTags } from './registry-writes.sql.js';
import { versionsOfOwners } from './versions-of-owners.sql.js';

export const sqlRegistryStore: RegistryStore = {
  models: async (reader) => {
    const query = reader.sql<Tables>().selectFrom('registry_model').selectAll().where('deleted_at_ms', 'is', null);
    return toModels(reader, await query.orderBy('name').execute());
  },
  model: async (reader, name) => {
    const query = reader.sql<Tables>().selectFrom('registry_model').selectAll().where('name', '=', name);
    return (await toModels(reader, await query.where('deleted_at_ms', 'is', null).execute()))[0];
  },
  nameOfSameKey: async (reader, name) => {
    const query = reader.sql<Tables>().selectFrom('registry_model').select('name');
    const row = await query
      .where('name_key', '=', modelNameKey(name))
      .where('deleted_at_ms', 'is', null)
      .executeTakeFirst();
    return row?.name;
  },
  modelsEver: async (reader, name) => {
    const query = reader.sql<Tables>().selectFrom('registry_model').selectAll().where('name', '=', name);
    return toModels(reader, await query.orderBy('created_at_ms').orderBy('id').execute());
  },
  highestPackaged: async (reader, name) => {
    const row = await reader
      .sql<Tables>()
      .selectFrom('registry_version as v')
      .innerJoin('registry_model as m', 'm.id', 'v.model_id')
      .select((eb) => eb.fn.max('v.version').as('highest'))
      .where('m.name', '=', name)
      .where('v.package', 'is not', null)
      .executeTakeFirst();
    return row?.highest ?? 0;
  },
  insertModel: async (tx, { id, name, description, highestVersion, tags, atMs, by }) => {
    const inserted = await tx
      .sql<Tables>()
      .insertInto('registry_model')
      .values({
        id,
        name,
        name_key: modelNameKey(name),
        description,
        highest_version: highestVersion,
        created_at_ms: atMs,
        updated_at_ms: atMs,
        created_by: by,
        deleted_at_ms: null,
      })
      .onConflict((c) => c.column('name_key').where('deleted_at_ms', 'is', null).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (inserted === undefined) return false;
    await setTags(tx, { table: 'registry_model_tag', id, tags });
    return true;
  },
  changeModel,
  searchModels,

  takeVersionNumber: async (tx, modelId, atMs) => {
    const row = await tx
      .sql<Tables>()
      .updateTable('registry_model')
      .set((eb) => ({ highest_version: eb('highest_version', '+', 1), updated_at_ms: atMs }))
      .where('id', '=', modelId)
      .returning('highest_version')
      .executeTakeFirstOrThrow();
    return row.highest_version;
  },
  reserveVersionNumbers: async (tx, modelId, upTo) => {
    await tx
      .sql<Tables>()
      .updateTable('registry_model')
      .set({ highest_version: upTo })
      .where('id', '=', modelId)
      .where('highest_version', '<', upTo)
      .execute();
  },
  insertVersion,
  versions: async (reader, modelId, { packaged } = {}) => {
    let query = versionQuery(reader).where('v.model_id', '=', modelId).where('v.deleted_at_ms', 'is', null);
    if (packaged === true) query = query.where('v.package', 'is not', null);
    return toVersions(reader, await query.orderBy('v.version', 'desc').execute());
  },
  versionsEver: async (reader, modelId) => {
    const query = versionQuery(reader).where('v.model_id', '=', modelId);
    return toVersions(reader, await query.orderBy('v.version', 'desc').execute());
  },
  versionsOfOwners,
  versionById: async (reader, id) => {
    return (await toVersions(reader, await versionQuery(reader).where('v.id', '=', id).execute()))[0];
  },
  version: async (reader, modelId, version) => {
    const query = versionQuery(reader).where('v.model_id', '=', modelId).where('v.version', '=', version);
    return (await toVersions(reader, await query.execute()))[0];
  },
  latestByStage: async (reader, modelIds) => {
    const newest = reader
      .sql<Tables>()
      .selectFrom('registry_version')
      .select((eb) => ['model_id', 'stage', eb.fn.max('version').as('version')])
      .where(isOneOf(reader.dialect, sql.ref('model_id'), modelIds))
      .where('deleted_at_ms', 'is', null)
      .groupBy(['model_id', 'stage']);
    const rows = await versionQuery(reader)
      .innerJoin(newest.as('newest'), (join) =>
        join.onRef('newest.model_id', '=', 'v.model_id').onRef('newest.version', '=', 'v.version'),
      )
      .orderBy('v.version', 'desc')
      .execute();
    return toVersions(reader, rows as NamedVersionRow[]);
  },
  sameVersion: async (reader, { modelId, digest, trackingRunId }) => {
    const query = versionQuery(reader)
      .where('v.model_id', '=', modelId)
      .where('v.digest', '=', digest)
      .where('v.deleted_at_ms', 'is', null);
    const rows = await query
      .where('v.tracking_run_id', trackingRunId === null ? 'is' : '=', trackingRunId)
      .where('v.package', 'is not', null)
      .execute();
    return (await toVersions(reader, rows))[0];
  },
  versionOfRetry: async (reader, modelId, retryKey): Promise<StoredVersion | undefined> => {
    const query = versionQuery(reader).where('v.model_id', '=', modelId).where('v.retry_key', '=', retryKey);
    return (await toVersions(reader, await query.execute()))[0];
  },
  changeVersion,
  searchVersions,

  setAlias: async (tx, { modelId, alias, version, atMs, by }) => {
    const db = tx.sql<Tables>();
    if (version === null) {
      await db.deleteFrom('registry_alias').where('model_id', '=', modelId).where('alias', '=', alias).execute();
    } else {
      await db
        .insertInto('registry_alias')
        .values({ model_id: modelId, alias, version })
        .onConflict((c) => c.columns(['model_id', 'alias']).doUpdateSet({ version }))
        .execute();
    }
    await sqlRegistryStore.addStanding(tx, modelId, [{ what: 'alias', name: alias, version, atMs, by }]);
  },
  addStanding: async (tx, modelId, standings) => {
    if (standings.length === 0) return;
    await tx
      .sql<Tables>()
      .insertInto('registry_history')
      .values(standings.map(({ atMs, ...rest }) => ({ id: newId(atMs), model_id: modelId, ...rest, at_ms: atMs })))
      .execute();
  },
  history: async (reader, modelIds) => {
    const rows = await reader
      .sql<Tables>()
      .selectFrom('registry_history')
      .selectAll()
      .where(isOneOf(reader.dialect, sql.ref('model_id'), modelIds))
      .orderBy('at_ms')
      .orderBy('id')
      .execute();
    return rows.map(({ model_id, what, name, version, at_ms, by }) => {
      return { modelId: model_id, what, name, version, atMs: at_ms, by };
    });
  },
  cardTexts: async (reader, modelId, version) => {
    const query = reader.sql<Tables>().selectFrom('registry_version').select('card_texts');
    const row = await query.where('model_id', '=', modelId).where('version', '=', version).executeTakeFirst();
    return row === undefined ? {} : (JSON.parse(row.card_texts) as Record<string, string>);
  },
  setCardTexts: async (tx, versionId, texts) => {
    const query = tx
      .sql<Tables>()
      .updateTable('registry_version')
      .set({ card_texts: JSON.stringify(texts) });
    await query.where('id', '=', versionId).execute();
  },
};
