import { sql } from 'kysely';
import { type GatheredOperation, gather, type Reader, rawQuery } from '../../platform/db/index.js';
import { isOneOf } from '../../platform/search/index.js';
import { searchExperiments } from './experiment-search.sql.js';
import type { ExperimentHead, ExperimentStore } from './tracking-store.js';
import { type ExperimentRow, tables, toExperimentHead } from './tracking-tables.sql.js';

/** Experiments and their tags, on either engine. */
export const sqlExperimentStore: ExperimentStore = {
  insert,
  lock: async (tx, id) => {
    const select = tables(tx).selectFrom('tracking_experiment').selectAll().where('id', '=', id);
    const row = await (tx.dialect === 'postgres' ? select.forUpdate() : select).executeTakeFirst();
    return row === undefined ? undefined : toExperimentHead(row);
  },
  update: async (tx, no, { updatedAtMs, deletedAtMs, ...change }) => {
    const row = {
      ...change,
      ...(updatedAtMs !== undefined && { updated_at_ms: updatedAtMs }),
      ...(deletedAtMs !== undefined && { deleted_at_ms: deletedAtMs }),
    };
    await tables(tx).updateTable('tracking_experiment').set(row).where('no', '=', no).execute();
  },
  lockNames: async (tx) => {
    // Whoever makes an experiment moves this row on, so that it stands for all the names.
    await tables(tx)
      .updateTable('tracking_sequence')
      .set((e) => ({ next: e.ref('next') }))
      .where('name', '=', 'experiment')
      .execute();
  },
  byId: (reader, id) => gather(reader, experimentsById, id),
  byName: async (reader, name) => firstHead(await rawQuery(reader, BY_NAME, [name])),
  tagsOf: async (reader, nos) => {
    const rows = await tables(reader)
      .selectFrom('tracking_experiment_tag')
      .selectAll()
      .where('experiment_no', 'in', [...nos, -1])
      .orderBy('key')
      .execute();
    const tags = new Map<number, [string, string][]>();
    for (const row of rows) tags.set(row.experiment_no, [...(tags.get(row.experiment_no) ?? []), [row.key, row.value]]);
    return new Map([...tags].map(([no, entries]) => [no, Object.fromEntries(entries)]));
  },
  writeTags,
  search: searchExperiments,
  moveRuns: async (tx, no, { lifecycle, atMs }) => {
    const runs = tables(tx).updateTable('tracking_run').where('experiment_no', '=', no);
    await (lifecycle === 'deleted'
      ? runs
          .set({ lifecycle, deleted_at_ms: atMs, deleted_with_experiment: 1 })
          .where('lifecycle', '=', 'active')
          .execute()
      : runs
          .set({ lifecycle, deleted_at_ms: null, deleted_with_experiment: 0 })
          .where('deleted_with_experiment', '=', 1)
          .execute());
  },
};

const COLUMNS = 'no, id, name, lifecycle, artifact_root, note, created_at_ms, updated_at_ms, deleted_at_ms';
const BY_ID = `select ${COLUMNS} from tracking_experiment where id = ?`;
const BY_NAME = `select ${COLUMNS} from tracking_experiment where name = ?
  order by lifecycle, deleted_at_ms desc, no desc limit 1`;

/** Each id once: runs that start together are mostly of one experiment. */
const experimentsById: GatheredOperation<string, ExperimentHead | undefined> = async (reader, ids) => {
  const found = new Map<string, ExperimentHead | undefined>();
  const find = async (id: string) => found.set(id, firstHead(await rawQuery(reader, BY_ID, [id])));
  await Promise.all([...new Set(ids)].map(find));
  return ids.map((id) => found.get(id));
};

function firstHead([row]: readonly ExperimentRow[]): ExperimentHead | undefined {
  return row === undefined ? undefined : toExperimentHead(row);
}

async function insert(
  tx: Reader,
  { name, note, lifecycle, tags, createdAtMs, updatedAtMs, artifactRoot }: Parameters<ExperimentStore['insert']>[1],
): Promise<ExperimentHead | undefined> {
  const { next } = await tables(tx)
    .updateTable('tracking_sequence')
    .set((e) => ({ next: e('next', '+', 1) }))
    .where('name', '=', 'experiment')
    .returning('next')
    .executeTakeFirstOrThrow();
  const no = next - 1;
  const row = await tables(tx)
    .insertInto('tracking_experiment')
    .values({
      no,
      id: String(no),
      name,
      lifecycle,
      artifact_root: artifactRoot ?? `artifacts:/${no}`,
      note,
      created_at_ms: createdAtMs,
      updated_at_ms: updatedAtMs,
      deleted_at_ms: null,
    })
    .onConflict((c) => c.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  await writeTags(tx, no, tags);
  return toExperimentHead(row);
}

async function writeTags(tx: Reader, no: number, tags: Readonly<Record<string, string | null>>): Promise<void> {
  const rows = Object.entries(tags).flatMap(([key, value]) =>
    value === null ? [] : [{ experiment_no: no, key, value }],
  );
  const gone = Object.keys(tags).filter((key) => tags[key] === null);
  if (rows.length > 0) {
    await tables(tx)
      .insertInto('tracking_experiment_tag')
      .values(rows)
      .onConflict((c) => c.columns(['experiment_no', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })))
      .execute();
  }
  if (gone.length > 0) {
    await tables(tx)
      .deleteFrom('tracking_experiment_tag')
      .where('experiment_no', '=', no)
      .where(isOneOf(tx.dialect, sql.ref('key'), gone))
      .execute();
  }
}
