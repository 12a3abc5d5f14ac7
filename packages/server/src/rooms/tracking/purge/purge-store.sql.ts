import { sql } from 'kysely';
import type { Dialect, Reader } from '../../../platform/db/index.js';
import { isOneOf } from '../../../platform/search/index.js';
import { purgeCandidates } from './purge-candidates.sql.js';
import type { PurgeStore } from './purge-store.js';
import { purgeTables } from './purge-tables.sql.js';

/** Removing for good, on either engine. */
export const sqlPurgeStore: PurgeStore = {
  ...purgeCandidates,
  removeRuns: async (tx, runs) => {
    if (runs.length === 0) return;
    const db = purgeTables(tx);
    const nos = runs.map(({ no }) => no);
    const ids = runs.map(({ id }) => id);
    // A number below 0 is no run's: the number of the series itself, which no other series has, keeps (run_no, key) unique.
    await db
      .updateTable('tracking_series')
      .set({ run_no: sql`-no`, experiment_no: -1 })
      .where('run_no', 'in', nos)
      .execute();
    await db.deleteFrom('tracking_param').where('run_no', 'in', nos).execute();
    await db.deleteFrom('tracking_metric_dataset').where('run_no', 'in', nos).execute();
    await db.deleteFrom('tracking_tag').where('run_no', 'in', nos).execute();
    for (const table of ['tracking_input_tag', 'tracking_input', 'tracking_model_link'] as const) {
      await db
        .deleteFrom(table)
        .where(isOneOf(tx.dialect, sql.ref('run_id'), ids))
        .execute();
    }
    await db.deleteFrom('tracking_run').where('no', 'in', nos).execute();
  },
  removeModels: async (tx, models) => {
    if (models.length === 0) return;
    const db = purgeTables(tx);
    const ids = models.map(({ id }) => id);
    await db
      .deleteFrom('tracking_model_link')
      .where(isOneOf(tx.dialect, sql.ref('model_id'), ids))
      .execute();
    // In no experiment it is in no search; the id is free for no one, because it is remembered as purged.
    await db
      .updateTable('tracking_logged_model')
      .set({ id: sql`'purged-' || no`, experiment_id: '', source_run_id: null, name: '', lifecycle: 'deleted' })
      .where(isOneOf(tx.dialect, sql.ref('id'), ids))
      .execute();
  },
  removeExperiment: async (tx, { no, id }) => {
    const db = purgeTables(tx);
    await db.deleteFrom('tracking_experiment_tag').where('experiment_no', '=', no).execute();
    await db.deleteFrom('tracking_dataset').where('experiment_id', '=', id).execute();
    await db.deleteFrom('tracking_experiment').where('no', '=', no).execute();
  },
  remember: async (tx, records) => {
    if (records.length === 0) return;
    const rows = records.map(({ kind, id, experimentId, atMs, purgeId, root, points, files, sizeBytes }) => ({
      kind,
      id,
      experiment_id: experimentId,
      purged_at_ms: atMs,
      purge_id: purgeId,
      root,
      files_left: root !== null && files > 0 ? 1 : 0,
      points,
      files,
      size_bytes: sizeBytes,
    }));
    await purgeTables(tx).insertInto('tracking_purged').values(rows).execute();
  },
  removeSomePoints,
  removeSomeModelRows: async (tx, limit) => {
    const db = purgeTables(tx);
    const query = db.selectFrom('tracking_logged_model').select('no').where('experiment_id', '=', '').limit(1);
    const model = await query.executeTakeFirst();
    if (model === undefined) return false;
    if (!(await removeSome(tx, MODEL_METRICS, { owner: model.no, limit }))) return true;
    await db.deleteFrom('tracking_logged_model_param').where('model_no', '=', model.no).execute();
    await db.deleteFrom('tracking_logged_model_tag').where('model_no', '=', model.no).execute();
    await db.deleteFrom('tracking_logged_model').where('no', '=', model.no).execute();
    return true;
  },
  removeSomeFiles: async (tx, limit) => {
    const db = purgeTables(tx);
    const found = db.selectFrom('tracking_purged').select(['kind', 'id', 'root']).where('files_left', '=', 1).limit(1);
    const owner = await found.executeTakeFirst();
    if (owner === undefined) return undefined;
    const some = db
      .selectFrom('tracking_file')
      .select('path')
      .where('path', '>=', `${owner.root}/`)
      .where('path', '<', `${owner.root}0`)
      .orderBy('path')
      .limit(limit);
    const gone = await db.deleteFrom('tracking_file').where('path', 'in', some).returning('digest').execute();
    if (gone.length < limit) {
      await db
        .updateTable('tracking_purged')
        .set({ files_left: 0 })
        .where('kind', '=', owner.kind)
        .where('id', '=', owner.id)
        .execute();
    }
    return [...new Set(gone.map(({ digest }) => digest))];
  },
  totals: async (reader, purgeId) => {
    const rows = await purgeTables(reader)
      .selectFrom('tracking_purged')
      .select(({ fn }) => [
        'kind',
        fn.countAll().as('things'),
        fn.sum('points').as('points'),
        fn.sum('files').as('files'),
        fn.sum('size_bytes').as('size_bytes'),
      ])
      .where('purge_id', '=', purgeId)
      .groupBy('kind')
      .execute();
    const things = (kind: string) => Number(rows.find((row) => row.kind === kind)?.things ?? 0);
    const sum = (column: 'points' | 'files' | 'size_bytes') => rows.reduce((all, row) => all + Number(row[column]), 0);
    return {
      runs: things('run'),
      experiments: things('experiment'),
      loggedModels: things('logged-model'),
      points: sum('points'),
      files: sum('files'),
      sizeBytes: sum('size_bytes'),
    };
  },
  purged: async (reader, nodes) => {
    if (nodes.length === 0) return [];
    const ids = nodes.map(({ id }) => id);
    const rows = await purgeTables(reader)
      .selectFrom('tracking_purged')
      .select(['kind', 'id', 'purged_at_ms'])
      .where(isOneOf(reader.dialect, sql.ref('id'), ids))
      .execute();
    return rows
      .filter((row) => nodes.some(({ kind, id }) => kind === row.kind && id === row.id))
      .map(({ kind, id, purged_at_ms }) => ({ kind, id, purgedAtMs: purged_at_ms }));
  },
};

/** A long table whose rows belong to an owner and have a key within it. */
interface LongTable {
  readonly name: string;
  readonly owner: string;
  readonly key: readonly string[];
}

/** SQLite has no NaN and tells it from 0 by the mark; by PostgreSQL's narrower key the index is in this order by itself. */
const pointKey = (dialect: Dialect) => ['step', 'timestamp_ms', 'value', ...(dialect === 'sqlite' ? ['special'] : [])];
const points = (dialect: Dialect): LongTable => ({
  name: 'tracking_point',
  owner: 'series_no',
  key: pointKey(dialect),
});
const samples = (dialect: Dialect): LongTable => ({
  name: 'tracking_sample',
  owner: 'series_no',
  key: ['level', ...pointKey(dialect)],
});
const MODEL_METRICS: LongTable = {
  name: 'tracking_model_metric',
  owner: 'model_no',
  key: ['key', 'timestamp_ms', 'step', 'run_id', 'dataset_name', 'dataset_digest', 'value', 'special'],
};
// Short series go together, so that a run with many of them is not one transaction each.
const SERIES_AT_ONCE = 200;

async function removeSomePoints(tx: Reader, limit: number): Promise<boolean> {
  const db = purgeTables(tx);
  const cutOff = await db
    .selectFrom('tracking_series')
    .select(['no', 'points'])
    .where('run_no', '<', 0)
    .orderBy('run_no')
    .limit(SERIES_AT_ONCE)
    .execute();
  const [first] = cutOff;
  if (first === undefined) return false;
  let left = limit;
  const together = cutOff.filter(({ points }) => {
    left -= points;
    return left >= 0;
  });
  if (together.length === 0) {
    if (!(await removeSome(tx, points(tx.dialect), { owner: first.no, limit }))) return true;
    if (!(await removeSome(tx, samples(tx.dialect), { owner: first.no, limit }))) return true;
    await db.deleteFrom('tracking_series').where('no', '=', first.no).execute();
    return true;
  }
  const nos = together.map(({ no }) => no);
  await sql`delete from tracking_point where series_no in (${sql.join(nos)})`.execute(db);
  await sql`delete from tracking_sample where series_no in (${sql.join(nos)})`.execute(db);
  await db.deleteFrom('tracking_series').where('no', 'in', nos).execute();
  return true;
}

/** The first rows of an owner in the order of the key, which is how they lie. True when that was the last of them. */
async function removeSome(
  tx: Reader,
  { name, owner: column, key }: LongTable,
  { owner, limit }: { owner: number; limit: number },
): Promise<boolean> {
  const db = purgeTables(tx);
  const columns = sql.join(key.map((part) => sql.ref(part)));
  const ofOwner = sql`${sql.ref(column)} = ${owner}`;
  const { rows } = await sql<Record<string, unknown>>`select ${columns} from ${sql.table(name)} where ${ofOwner}
    order by ${columns} limit 1 offset ${limit}`.execute(db);
  const [next] = rows;
  const before = next === undefined ? sql`true` : sql`(${columns}) < (${sql.join(key.map((part) => next[part]))})`;
  await sql`delete from ${sql.table(name)} where ${ofOwner} and ${before}`.execute(db);
  return next === undefined;
}
