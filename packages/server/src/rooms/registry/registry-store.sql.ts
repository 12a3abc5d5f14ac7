import { newId } from '@fairlead/kernel';
import type { Reader } from '../../platform/db/index.js';
import type { RegistryStore } from './registry-store.js';
import type { Model, ModelVersion } from './registry-types.js';

interface Tables {
  registry_model: {
    name: string;
    description: string;
    next_version: number;
    created_at_ms: number;
    created_by: string;
  };
  registry_version: VersionRow;
  registry_alias: { model: string; alias: string; version: number };
  registry_alias_history: {
    id: string;
    model: string;
    alias: string;
    version: number | null;
    at_ms: number;
    by: string;
  };
}

interface VersionRow {
  model: string;
  version: number;
  digest: string;
  tracking_run_id: string;
  body: string;
  tags: string;
  card_texts: string;
  created_at_ms: number;
  created_by: string;
}

export const sqlRegistryStore: RegistryStore = {
  models: (reader) => readModels(reader),
  model: async (reader, name) => (await readModels(reader, name))[0],

  takeVersionNumber: async (tx, { name, atMs, by }) => {
    const sql = tx.sql<Tables>();
    await sql
      .insertInto('registry_model')
      .values({ name, description: '', next_version: 1, created_at_ms: atMs, created_by: by })
      .onConflict((c) => c.column('name').doNothing())
      .execute();
    const row = await sql
      .updateTable('registry_model')
      .set((eb) => ({ next_version: eb('next_version', '+', 1) }))
      .where('name', '=', name)
      .returning('next_version')
      .executeTakeFirstOrThrow();
    return row.next_version - 1;
  },

  insertVersion: async (tx, version) => {
    const { model, version: number, digest, tags, createdAtMs, createdBy, files, signature, parity, ...rest } = version;
    const { source, reportDigest, profileDigest } = rest;
    await tx
      .sql<Tables>()
      .insertInto('registry_version')
      .values({
        model,
        version: number,
        digest,
        tracking_run_id: source.trackingRunId ?? '',
        body: JSON.stringify({ files, signature, parity, source, reportDigest, profileDigest }),
        tags: JSON.stringify(tags),
        card_texts: '{}',
        created_at_ms: createdAtMs,
        created_by: createdBy,
      })
      .execute();
  },

  versions: async (reader, model) => {
    const rows = await versionQuery(reader, model).orderBy('version', 'desc').execute();
    return rows.map(toVersion);
  },
  version: async (reader, model, version) => {
    const row = await versionQuery(reader, model).where('version', '=', version).executeTakeFirst();
    return row && toVersion(row);
  },
  sameVersion: async (reader, { model, digest, trackingRunId }) => {
    const row = await versionQuery(reader, model)
      .where('digest', '=', digest)
      .where('tracking_run_id', '=', trackingRunId ?? '')
      .executeTakeFirst();
    return row && toVersion(row);
  },

  setTags: async (tx, { model, version }, tags) => {
    await tx
      .sql<Tables>()
      .updateTable('registry_version')
      .set({ tags: JSON.stringify(tags) })
      .where('model', '=', model)
      .where('version', '=', version)
      .execute();
  },

  setAlias: async (tx, { model, alias, version, atMs, by }) => {
    const sql = tx.sql<Tables>();
    if (version === null) {
      await sql.deleteFrom('registry_alias').where('model', '=', model).where('alias', '=', alias).execute();
    } else {
      await sql
        .insertInto('registry_alias')
        .values({ model, alias, version })
        .onConflict((c) => c.columns(['model', 'alias']).doUpdateSet({ version }))
        .execute();
    }
    await sql
      .insertInto('registry_alias_history')
      .values({ id: newId(atMs), model, alias, version, at_ms: atMs, by })
      .execute();
  },
  aliasHistory: async (reader, model) => {
    const rows = await reader
      .sql<Tables>()
      .selectFrom('registry_alias_history')
      .selectAll()
      .where('model', '=', model)
      .orderBy('at_ms', 'desc')
      .orderBy('id', 'desc')
      .execute();
    return rows.map(({ alias, version, at_ms, by }) => ({ alias, version, atMs: at_ms, by }));
  },

  cardTexts: async (reader, model, version) => {
    const row = await versionQuery(reader, model).where('version', '=', version).executeTakeFirst();
    return row === undefined ? {} : (JSON.parse(row.card_texts) as Record<string, string>);
  },
  setCardTexts: async (tx, { model, version }, texts) => {
    await tx
      .sql<Tables>()
      .updateTable('registry_version')
      .set({ card_texts: JSON.stringify(texts) })
      .where('model', '=', model)
      .where('version', '=', version)
      .execute();
  },
};

function versionQuery(reader: Reader, model: string) {
  return reader.sql<Tables>().selectFrom('registry_version').selectAll().where('model', '=', model);
}

function toVersion(row: VersionRow): ModelVersion {
  const body = JSON.parse(row.body) as Pick<
    ModelVersion,
    'files' | 'signature' | 'parity' | 'source' | 'reportDigest' | 'profileDigest'
  >;
  return {
    model: row.model,
    version: row.version,
    digest: row.digest,
    ...body,
    tags: JSON.parse(row.tags) as Record<string, string>,
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
  };
}

async function readModels(reader: Reader, name?: string): Promise<Model[]> {
  const sql = reader.sql<Tables>();
  let models = sql.selectFrom('registry_model').selectAll();
  let aliases = sql.selectFrom('registry_alias').selectAll();
  if (name !== undefined) {
    models = models.where('name', '=', name);
    aliases = aliases.where('model', '=', name);
  }
  const [modelRows, aliasRows] = [await models.orderBy('name').execute(), await aliases.execute()];
  return modelRows.map((row) => ({
    name: row.name,
    description: row.description,
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
    latestVersion: row.next_version === 1 ? null : row.next_version - 1,
    aliases: Object.fromEntries(
      aliasRows.filter((alias) => alias.model === row.name).map(({ alias, version }) => [alias, version]),
    ),
  }));
}
