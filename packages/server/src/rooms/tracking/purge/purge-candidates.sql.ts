import { type ExpressionBuilder, sql } from 'kysely';
import type { Reader } from '../../../platform/db/index.js';
import { isOneOf } from '../../../platform/search/index.js';
import type { DeletedExperiment, PurgeableModel, PurgePlace, PurgeStore } from './purge-store.js';
import { type PurgeTables, purgeTables } from './purge-tables.sql.js';

type Candidates = Pick<
  PurgeStore,
  'runs' | 'experiments' | 'lockExperiment' | 'modelsOfRuns' | 'deletedModels' | 'modelsOfExperiment' | 'filesBelow'
>;

/** What may be removed for good, on either engine. */
export const purgeCandidates: Candidates = {
  runs: async (reader, { deletedBeforeMs, runIds, experimentIds }, { after, limit, lock = false }) => {
    let query = purgeTables(reader)
      .selectFrom('tracking_run as r')
      .innerJoin('tracking_experiment as e', 'e.no', 'r.experiment_no')
      .select(['r.no', 'r.id', 'r.deleted_at_ms', 'e.id as experiment_id', 'e.artifact_root'])
      .select([ofSeries('count(*)').as('series'), ofSeries('coalesce(sum(s.points), 0)').as('points')])
      .where('r.lifecycle', '=', 'deleted')
      .where('r.deleted_at_ms', '<=', deletedBeforeMs)
      .where(isAfter('r.deleted_at_ms', 'r.no', after));
    if (runIds !== null) query = query.where(isOneOf(reader.dialect, sql.ref('r.id'), runIds));
    if (experimentIds !== null) query = query.where(isOneOf(reader.dialect, sql.ref('e.id'), experimentIds));
    if (lock && reader.dialect === 'postgres') query = query.forUpdate('r');
    const rows = await query.orderBy('r.deleted_at_ms').orderBy('r.no').limit(limit).execute();
    return rows.map((row) => ({
      no: row.no,
      id: row.id,
      atMs: row.deleted_at_ms ?? 0,
      experimentId: row.experiment_id,
      artifactRoot: `${row.artifact_root}/${row.id}/artifacts`,
      series: Number(row.series),
      points: Number(row.points),
    }));
  },
  experiments: async (reader, { deletedBeforeMs, experimentIds }, { after, limit }) => {
    let query = experimentQuery(reader)
      .where('e.lifecycle', '=', 'deleted')
      .where('e.deleted_at_ms', '<=', deletedBeforeMs)
      .where(isAfter('e.deleted_at_ms', 'e.no', after));
    if (experimentIds !== null) query = query.where(isOneOf(reader.dialect, sql.ref('e.id'), experimentIds));
    return (await query.orderBy('e.deleted_at_ms').orderBy('e.no').limit(limit).execute()).map(toExperiment);
  },
  lockExperiment: async (tx, id) => {
    const query = experimentQuery(tx).where('e.id', '=', id).where('e.lifecycle', '=', 'deleted');
    const row = await (tx.dialect === 'postgres' ? query.forUpdate('e') : query).executeTakeFirst();
    return row === undefined ? undefined : toExperiment(row);
  },
  modelsOfRuns: async (reader, runIds) => {
    if (runIds.length === 0) return [];
    const rows = await modelQuery(reader)
      .where(isOneOf(reader.dialect, sql.ref('m.source_run_id'), runIds))
      .execute();
    return rows.map(toModel);
  },
  deletedModels: async (reader, { deletedBeforeMs, experimentIds }, { after, limit }) => {
    let query = modelQuery(reader)
      .where('m.lifecycle', '=', 'deleted')
      .where('m.experiment_id', '<>', '')
      .where('m.updated_at_ms', '<=', deletedBeforeMs)
      .where(isAfter('m.updated_at_ms', 'm.no', after))
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('tracking_run as r')
              .select('r.no')
              .whereRef('r.id', '=', 'm.source_run_id')
              .where('r.lifecycle', '=', 'deleted'),
          ),
        ),
      );
    if (experimentIds !== null) query = query.where(isOneOf(reader.dialect, sql.ref('m.experiment_id'), experimentIds));
    return (await query.orderBy('m.updated_at_ms').orderBy('m.no').limit(limit).execute()).map(toModel);
  },
  modelsOfExperiment: async (reader, experimentId, { after, limit }) => {
    const query = modelQuery(reader)
      .where('m.experiment_id', '=', experimentId)
      .where(isAfter('m.updated_at_ms', 'm.no', after));
    return (await query.orderBy('m.updated_at_ms').orderBy('m.no').limit(limit).execute()).map(toModel);
  },
  filesBelow: async (reader, root) => {
    const row = await purgeTables(reader)
      .selectFrom('tracking_file')
      .select(({ fn }) => [fn.countAll().as('files'), fn.coalesce(fn.sum('size_bytes'), sql`0`).as('size_bytes')])
      .where('path', '>=', `${root}/`)
      .where('path', '<', `${root}0`)
      .executeTakeFirstOrThrow();
    return { files: Number(row.files), sizeBytes: Number(row.size_bytes) };
  },
};

const isAfter = (at: string, no: string, after: PurgePlace) =>
  sql<boolean>`(${sql.ref(at)}, ${sql.ref(no)}) > (${after.atMs}, ${after.no})`;

const ofSeries = (what: string) => sql<number>`(select ${sql.raw(what)} from tracking_series s where s.run_no = r.no)`;

function experimentQuery(reader: Reader) {
  return purgeTables(reader)
    .selectFrom('tracking_experiment as e')
    .select(['e.no', 'e.id', 'e.name', 'e.deleted_at_ms'])
    .select(sql<number>`(select count(*) from tracking_run r where r.experiment_no = e.no)`.as('runs'));
}

function toExperiment(row: {
  no: number;
  id: string;
  name: string;
  deleted_at_ms: number | null;
  runs: number;
}): DeletedExperiment {
  return { no: row.no, id: row.id, name: row.name, atMs: row.deleted_at_ms ?? 0, runs: Number(row.runs) };
}

function modelQuery(reader: Reader) {
  const activeUser = ({
    selectFrom,
  }: ExpressionBuilder<PurgeTables & { m: PurgeTables['tracking_logged_model'] }, 'm'>) =>
    selectFrom('tracking_model_link as l')
      .innerJoin('tracking_run as u', 'u.id', 'l.run_id')
      .select('u.id')
      .whereRef('l.model_id', '=', 'm.id')
      .where('u.lifecycle', '=', 'active')
      .where('m.lifecycle', '=', 'active')
      .limit(1)
      .as('active_user');
  return purgeTables(reader)
    .selectFrom('tracking_logged_model as m')
    .select(['m.no', 'm.id', 'm.experiment_id', 'm.source_run_id', 'm.artifact_root', 'm.updated_at_ms'])
    .select(activeUser);
}

function toModel(row: {
  no: number;
  id: string;
  experiment_id: string;
  source_run_id: string | null;
  artifact_root: string;
  updated_at_ms: number;
  active_user: string | null;
}): PurgeableModel {
  return {
    no: row.no,
    id: row.id,
    atMs: row.updated_at_ms,
    experimentId: row.experiment_id,
    sourceRunId: row.source_run_id,
    artifactRoot: row.artifact_root,
    activeUser: row.active_user,
  };
}
