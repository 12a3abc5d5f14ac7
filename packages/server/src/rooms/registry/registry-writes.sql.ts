import type { Reader, Tx } from '../../platform/db/index.js';
import type { TagChange } from './catalogue/catalogue-types.js';
import { modelNameKey } from './catalogue/name-rules.js';
import type { ModelChange, NewStoredVersion, VersionChange } from './registry-store.js';
import type { Tables, VersionRow } from './registry-tables.sql.js';

/** Rows per statement: SQLite takes 32,766 parameters. */
const TAGS_AT_ONCE = 1_000;

/** Sets tags and removes those of value null. */
export async function setTags(
  tx: Tx & Reader,
  { table, id, tags }: { table: 'registry_model_tag' | 'registry_version_tag'; id: string; tags: TagChange },
): Promise<void> {
  const owner = table === 'registry_model_tag' ? 'model_id' : 'version_id';
  // One statement for both tables: they differ in the name of the owner's column only.
  const db = tx.sql<Record<string, Record<string, string>>>();
  const removed = Object.keys(tags).filter((key) => tags[key] === null);
  if (removed.length > 0) await db.deleteFrom(table).where(owner, '=', id).where('key', 'in', removed).execute();
  const rows = Object.entries(tags).flatMap(([key, value]) => (value === null ? [] : [{ [owner]: id, key, value }]));
  for (let at = 0; at < rows.length; at += TAGS_AT_ONCE) {
    await db
      .insertInto(table)
      .values(rows.slice(at, at + TAGS_AT_ONCE))
      .onConflict((c) => c.columns([owner, 'key']).doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })))
      .execute();
  }
}

export async function changeModel(tx: Tx & Reader, id: string, change: ModelChange): Promise<void> {
  const { name, description, deletedAtMs, tags, atMs } = change;
  const db = tx.sql<Tables>();
  await db
    .updateTable('registry_model')
    .set({
      updated_at_ms: atMs,
      ...(name !== undefined && { name, name_key: modelNameKey(name) }),
      ...(description !== undefined && { description }),
      ...(deletedAtMs !== undefined && { deleted_at_ms: deletedAtMs }),
    })
    .where('id', '=', id)
    .execute();
  if (tags !== undefined) await setTags(tx, { table: 'registry_model_tag', id, tags });
  if (deletedAtMs === undefined) return;
  await db
    .updateTable('registry_version')
    .set({ deleted_at_ms: deletedAtMs })
    .where('model_id', '=', id)
    .where('deleted_at_ms', 'is', null)
    .execute();
  await db.deleteFrom('registry_alias').where('model_id', '=', id).execute();
}

export async function insertVersion(tx: Tx & Reader, version: NewStoredVersion): Promise<void> {
  const { id, tags } = version;
  await tx
    .sql<Tables>()
    .insertInto('registry_version')
    .values({
      id,
      model_id: version.modelId,
      version: version.version,
      source: version.source,
      files_root: version.filesRoot,
      run_id: version.runId,
      logged_model_id: version.loggedModelId,
      flavours: JSON.stringify(version.flavours),
      stage: 'None',
      description: version.description,
      link: version.link,
      servable: version.servable,
      not_servable: version.notServable,
      ...packageColumns(version.package),
      card_texts: '{}',
      retry_key: version.retryKey,
      created_at_ms: version.createdAtMs,
      updated_at_ms: version.createdAtMs,
      created_by: version.createdBy,
      deleted_at_ms: null,
    })
    .execute();
  await setTags(tx, { table: 'registry_version_tag', id, tags });
}

function packageColumns(content: NewStoredVersion['package']) {
  return {
    digest: content?.digest ?? null,
    tracking_run_id: content?.source.trackingRunId ?? null,
    package: content && JSON.stringify(content),
  };
}

export async function changeVersion(tx: Tx & Reader, id: string, change: VersionChange): Promise<void> {
  const { stage, description, flavours, servable, notServable, deletedAtMs, tags, atMs } = change;
  const columns: Partial<VersionRow> = {
    updated_at_ms: atMs,
    ...(stage !== undefined && { stage }),
    ...(description !== undefined && { description }),
    ...(flavours !== undefined && { flavours: JSON.stringify(flavours) }),
    ...(servable !== undefined && { servable }),
    ...(notServable !== undefined && { not_servable: notServable }),
    ...(change.package !== undefined && packageColumns(change.package)),
    ...(deletedAtMs !== undefined && { deleted_at_ms: deletedAtMs }),
  };
  await tx.sql<Tables>().updateTable('registry_version').set(columns).where('id', '=', id).execute();
  if (tags !== undefined) await setTags(tx, { table: 'registry_version_tag', id, tags });
}
