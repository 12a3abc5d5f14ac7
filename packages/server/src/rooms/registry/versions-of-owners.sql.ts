import { sql } from 'kysely';
import type { Reader } from '../../platform/db/index.js';
import { isOneOf } from '../../platform/search/index.js';
import { versionQuery } from './registry-tables.sql.js';

/** A run or a logged model with the address of its files. */
interface Owner {
  readonly id: string;
  readonly artifactRoot: string;
}

/**
 * By the id of the owner: one version, not deleted, that says it comes from there or has its files there, in words. The first
 * is found by ids; the second needs a look at the few whose files lie outside of the run and the logged model that they name.
 */
export async function versionsOfOwners(reader: Reader, owners: readonly Owner[]): Promise<ReadonlyMap<string, string>> {
  const uses = new Map<string, string>();
  if (owners.length === 0) return uses;
  const ids = owners.map(({ id }) => id);
  const columns = ['v.run_id', 'v.tracking_run_id', 'v.logged_model_id'] as const;
  const active = versionQuery(reader).where('v.deleted_at_ms', 'is', null);
  const named = await active
    .where(({ or }) => or(columns.map((column) => isOneOf(reader.dialect, sql.ref(column), ids))))
    .execute();
  const known = new Set(ids);
  for (const { model, version, run_id, tracking_run_id, logged_model_id } of named) {
    for (const id of [run_id, tracking_run_id, logged_model_id]) {
      if (id !== null && known.has(id)) uses.set(id, `model version ${model}/${version}`);
    }
  }
  const within = (column: string) =>
    reader.dialect === 'sqlite'
      ? sql`instr(v.files_root, coalesce(${sql.ref(column)}, '-')) > 0`
      : sql`strpos(v.files_root, coalesce(${sql.ref(column)}, '-')) > 0`;
  const elsewhere = await active
    .where('v.files_root', '<>', '')
    .where(sql<boolean>`not ${within('v.run_id')} and not ${within('v.logged_model_id')}`)
    .execute();
  for (const { model, version, files_root } of elsewhere) {
    for (const { id, artifactRoot } of owners) {
      if (`${files_root}/`.startsWith(`${artifactRoot}/`)) uses.set(id, `model version ${model}/${version}`);
    }
  }
  return uses;
}
