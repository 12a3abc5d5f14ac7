import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type { Reader } from '../../platform/db/index.js';
import { isOneOf } from '../../platform/search/index.js';
import type { Servable, Stage } from './catalogue/catalogue-types.js';
import type { Package, StoredModel, StoredVersion } from './registry-store.js';

export interface ModelRow {
  id: string;
  name: string;
  /** One active model per key. */
  name_key: string;
  description: string;
  highest_version: number;
  created_at_ms: number;
  updated_at_ms: number;
  created_by: string;
  deleted_at_ms: number | null;
}

export interface VersionRow {
  id: string;
  model_id: string;
  version: number;
  source: string;
  files_root: string;
  run_id: string | null;
  logged_model_id: string | null;
  flavours: string;
  stage: Stage;
  description: string;
  link: string;
  servable: Servable;
  not_servable: string | null;
  digest: string | null;
  tracking_run_id: string | null;
  /** JSON of the package. */
  package: string | null;
  card_texts: string;
  retry_key: string | null;
  created_at_ms: number;
  updated_at_ms: number;
  created_by: string;
  deleted_at_ms: number | null;
}

export interface Tables {
  registry_model: ModelRow;
  registry_version: VersionRow;
  registry_model_tag: { model_id: string; key: string; value: string };
  registry_version_tag: { version_id: string; key: string; value: string };
  registry_alias: { model_id: string; alias: string; version: number };
  registry_history: {
    id: string;
    model_id: string;
    what: 'stage' | 'alias';
    name: string;
    version: number | null;
    at_ms: number;
    by: string;
  };
}

export type NamedVersionRow = VersionRow & { model: string };

/** Versions with the names of their models. */
export function versionQuery(reader: Reader) {
  return reader
    .sql<Tables>()
    .selectFrom('registry_version as v')
    .innerJoin('registry_model as m', 'm.id', 'v.model_id')
    .selectAll('v')
    .select('m.name as model') as unknown as SelectQueryBuilder<
    Tables & { v: VersionRow; m: ModelRow },
    'v' | 'm',
    NamedVersionRow
  >;
}

/** Models with their tags, aliases and newest versions: three queries for any number of them. */
export async function toModels(reader: Reader, rows: readonly ModelRow[]): Promise<StoredModel[]> {
  if (rows.length === 0) return [];
  const db = reader.sql<Tables>();
  const ids = rows.map(({ id }) => id);
  const isOfThese = () => isOneOf(reader.dialect, sql.ref('model_id'), ids);
  const tags = await db.selectFrom('registry_model_tag').selectAll().where(isOfThese()).orderBy('key').execute();
  const aliases = await db.selectFrom('registry_alias').selectAll().where(isOfThese()).orderBy('alias').execute();
  const newest = await db
    .selectFrom('registry_version')
    .select((eb) => ['model_id', eb.fn.max('version').as('version')])
    .where(isOfThese())
    .where('deleted_at_ms', 'is', null)
    .groupBy('model_id')
    .execute();
  const newestOf = new Map(newest.map(({ model_id, version }) => [model_id, version]));
  const tagsOf = groupBy(tags, ({ model_id }) => model_id);
  const aliasesOf = groupBy(aliases, ({ model_id }) => model_id);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    description: row.description,
    tags: asRecord(tagsOf.get(row.id)?.map(({ key, value }) => [key, value])),
    aliases: asRecord(aliasesOf.get(row.id)?.map(({ alias, version }) => [alias, version])),
    latestVersion: newestOf.get(row.id) ?? null,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    createdBy: row.created_by,
    deletedAtMs: row.deleted_at_ms,
  }));
}

/** Versions with their tags and aliases: three queries for any number of them. */
export async function toVersions(reader: Reader, rows: readonly NamedVersionRow[]): Promise<StoredVersion[]> {
  if (rows.length === 0) return [];
  const db = reader.sql<Tables>();
  const ids = rows.map(({ id }) => id);
  const modelIds = [...new Set(rows.map(({ model_id }) => model_id))];
  const isOfThese = (column: string, values: readonly string[]): RawBuilder<boolean> =>
    isOneOf(reader.dialect, sql.ref(column), values);
  const tags = await db
    .selectFrom('registry_version_tag')
    .selectAll()
    .where(isOfThese('version_id', ids))
    .orderBy('key')
    .execute();
  const aliases = await db
    .selectFrom('registry_alias')
    .selectAll()
    .where(isOfThese('model_id', modelIds))
    .orderBy('alias')
    .execute();
  const tagsOf = groupBy(tags, ({ version_id }) => version_id);
  const aliasesOf = groupBy(aliases, ({ model_id, version }) => `${model_id}/${version}`);
  return rows.map((row) => ({
    id: row.id,
    modelId: row.model_id,
    model: row.model,
    version: row.version,
    source: row.source,
    filesRoot: row.files_root,
    runId: row.run_id,
    loggedModelId: row.logged_model_id,
    flavours: JSON.parse(row.flavours) as string[],
    stage: row.stage,
    description: row.description,
    link: row.link,
    tags: asRecord(tagsOf.get(row.id)?.map(({ key, value }) => [key, value])),
    aliases: (aliasesOf.get(`${row.model_id}/${row.version}`) ?? []).map(({ alias }) => alias),
    servable: row.servable,
    notServable: row.not_servable,
    package: row.package === null ? null : (JSON.parse(row.package) as Package),
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    createdBy: row.created_by,
    deletedAtMs: row.deleted_at_ms,
  }));
}

/** Also of keys that objects inherit, `__proto__` among them. */
function asRecord<V>(entries: readonly (readonly [string, V])[] = []): Record<string, V> {
  return Object.fromEntries(entries);
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
