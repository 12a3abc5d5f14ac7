import type { Reader } from '../../platform/db/index.js';
import { factsOf, searchRuns } from './tracking-search.sql.js';
import type { RunFacts, RunHead, TrackingStore } from './tracking-store.js';
import { type TrackingTables, toExperiment, toMetricRow, toPoint, toRunHead } from './tracking-tables.sql.js';
import type { Experiment, MetricPoint } from './tracking-types.js';

const tables = (reader: Reader) => reader.sql<TrackingTables>();

/** Experiments, runs and what is logged to them, on either engine. */
export const sqlTrackingStore: TrackingStore = {
  insertExperiment,
  experimentByName: async (reader, name) => {
    const row = await tables(reader)
      .selectFrom('tracking_experiment')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
    return row === undefined ? undefined : toExperiment(row);
  },
  experiments: async (reader) =>
    (await tables(reader).selectFrom('tracking_experiment').selectAll().orderBy('name').execute()).map(toExperiment),
  insertRun,
  lockRun: async (tx, id) => {
    const select = tables(tx).selectFrom('tracking_run').selectAll().where('id', '=', id);
    const row = await (tx.dialect === 'postgres' ? select.forUpdate() : select).executeTakeFirst();
    return row === undefined ? undefined : toRunHead(row);
  },
  endRun: async (tx, id, { status, endedAtMs }) => {
    await tables(tx).updateTable('tracking_run').set({ status, ended_at_ms: endedAtMs }).where('id', '=', id).execute();
  },
  run: async (reader, id) => {
    const row = await tables(reader).selectFrom('tracking_run').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) return undefined;
    return { ...toRunHead(row), ...((await factsOf(tables(reader), [id])).get(id) as RunFacts) };
  },
  search: searchRuns,
  params: async (reader, runId, keys) => {
    if (keys.length === 0) return new Map();
    const rows = await tables(reader)
      .selectFrom('tracking_param')
      .select(['key', 'value'])
      .where('run_id', '=', runId)
      .where('key', 'in', [...keys])
      .execute();
    return new Map(rows.map((row) => [row.key, row.value]));
  },
  insertParams: async (tx, runId, params) => {
    const rows = textRows(runId, params);
    if (rows.length > 0) await tables(tx).insertInto('tracking_param').values(rows).execute();
  },
  upsertTags: async (tx, runId, tags) => {
    const rows = textRows(runId, tags);
    if (rows.length === 0) return;
    await tables(tx)
      .insertInto('tracking_tag')
      .values(rows)
      .onConflict((c) => c.columns(['run_id', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })))
      .execute();
  },
  insertPoints,
  latest: async (reader, runId, keys) => {
    if (keys.length === 0) return [];
    const rows = await tables(reader)
      .selectFrom('tracking_latest_metric')
      .selectAll()
      .where('run_id', '=', runId)
      .where('key', 'in', [...keys])
      .execute();
    return rows.map(toPoint);
  },
  upsertLatest,
  history: async (reader, runId, key) => {
    const rows = await tables(reader)
      .selectFrom('tracking_metric')
      .selectAll()
      .where('run_id', '=', runId)
      .where('key', '=', key)
      .orderBy('step')
      .orderBy('timestamp_ms')
      .orderBy('value')
      .execute();
    return rows.map(toPoint);
  },
};

function textRows(runId: string, entries: Readonly<Record<string, string>>) {
  return Object.entries(entries).map(([key, value]) => ({ run_id: runId, key, value }));
}

async function insertExperiment(tx: Reader, experiment: Experiment): Promise<boolean> {
  const row = await tables(tx)
    .insertInto('tracking_experiment')
    .values({
      id: experiment.id,
      name: experiment.name,
      tags: JSON.stringify(experiment.tags),
      created_at_ms: experiment.createdAtMs,
    })
    .onConflict((c) => c.column('name').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

async function insertRun(tx: Reader, run: RunHead): Promise<void> {
  await tables(tx)
    .insertInto('tracking_run')
    .values({
      id: run.id,
      experiment_id: run.experimentId,
      name: run.name,
      status: run.status,
      parent_run_id: run.parentRunId,
      started_at_ms: run.startedAtMs,
      ended_at_ms: run.endedAtMs,
      created_by: run.createdBy,
      environment: run.environment === null ? null : JSON.stringify(run.environment),
    })
    .execute();
}

async function insertPoints(tx: Reader, runId: string, points: readonly MetricPoint[]): Promise<void> {
  if (points.length === 0) return;
  await tables(tx)
    .insertInto('tracking_metric')
    .values(points.map((point) => toMetricRow(runId, point)))
    .onConflict((c) => c.columns(['run_id', 'key', 'step', 'timestamp_ms', 'value', 'special']).doNothing())
    .execute();
}

async function upsertLatest(tx: Reader, runId: string, points: readonly MetricPoint[]): Promise<void> {
  if (points.length === 0) return;
  await tables(tx)
    .insertInto('tracking_latest_metric')
    .values(points.map((point) => toMetricRow(runId, point)))
    .onConflict((c) =>
      c.columns(['run_id', 'key']).doUpdateSet((e) => ({
        step: e.ref('excluded.step'),
        timestamp_ms: e.ref('excluded.timestamp_ms'),
        value: e.ref('excluded.value'),
        special: e.ref('excluded.special'),
      })),
    )
    .execute();
}
