import type { Reader } from '../../../platform/db/index.js';
import { treePathOf } from '../artifact-path-rules.js';
import { modelTables } from '../models/model-tables.sql.js';
import { purgeTables } from '../purge/purge-tables.sql.js';
import type { TrackingTables } from '../tracking-tables.sql.js';
import type { FileOwner, FileOwners } from './file-store.js';

/** Finds the run or the logged model by the one part of the path that names it: `…/ID/artifacts/…`, if that is its root. */
export const sqlFileOwners: FileOwners = {
  ownerOf: async (reader, path) => {
    const ids = idsBefore(path, 'artifacts');
    if (ids.length === 0) return undefined;
    const models = ids.filter((id) => id.startsWith('m-'));
    const owners = [...(await runs(reader, ids)), ...(models.length === 0 ? [] : await loggedModels(reader, models))];
    const isBelow = ({ root }: FileOwner) => path === root || path.startsWith(`${root}/`);
    return owners.find(isBelow) ?? (await purged(reader, ids)).find(isBelow);
  },
};

async function runs(reader: Reader, ids: readonly string[]): Promise<FileOwner[]> {
  const rows = await reader
    .sql<TrackingTables>()
    .selectFrom('tracking_run as r')
    .innerJoin('tracking_experiment as e', 'e.no', 'r.experiment_no')
    .select(['r.id', 'r.lifecycle', 'e.artifact_root'])
    .where('r.id', 'in', ids)
    .execute();
  return rows.flatMap(({ id, lifecycle, artifact_root }) => {
    const root = treePathOf(`${artifact_root}/${id}/artifacts`);
    return root === undefined ? [] : [{ kind: 'run' as const, id, root, deleted: lifecycle === 'deleted' }];
  });
}

async function loggedModels(reader: Reader, ids: readonly string[]): Promise<FileOwner[]> {
  const rows = await modelTables(reader)
    .selectFrom('tracking_logged_model')
    .select(['id', 'lifecycle', 'artifact_root'])
    .where('id', 'in', ids)
    .execute();
  return rows.flatMap(({ id, lifecycle, artifact_root }) => {
    const root = treePathOf(artifact_root);
    return root === undefined ? [] : [{ kind: 'logged-model' as const, id, root, deleted: lifecycle === 'deleted' }];
  });
}

async function purged(reader: Reader, ids: readonly string[]): Promise<FileOwner[]> {
  const query = purgeTables(reader).selectFrom('tracking_purged').select(['kind', 'id', 'root']).where('id', 'in', ids);
  return (await query.execute()).flatMap(({ kind, id, root }) =>
    root === null || kind === 'experiment'
      ? []
      : [{ kind: kind as FileOwner['kind'], id, root, deleted: true, purged: true as const }],
  );
}

// A path in a run may have folders of that name again, but nobody nests runs.
const MAX_CANDIDATES = 8;

function idsBefore(path: string, name: string): string[] {
  const parts = path.split('/');
  return parts.filter((_, index) => parts[index + 1] === name).slice(0, MAX_CANDIDATES);
}
