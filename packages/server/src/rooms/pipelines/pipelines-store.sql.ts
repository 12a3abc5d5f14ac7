import { type Reader, rawQuery } from '../../platform/db/index.js';
import { cached, lastSuccess, saveCache } from './cache-store.sql.js';
import type { PipelinesStore } from './pipelines-store.js';
import { type PipelinesTables, toRun, toRunRow, toStep, toStepColumns } from './pipelines-tables.sql.js';
import type { Pipeline } from './pipelines-types.js';

const tables = (reader: Reader) => reader.sql<PipelinesTables>();

/** Definitions, runs, steps and results, on either engine. */
export const sqlPipelinesStore: PipelinesStore = {
  cached,
  lastSuccess,
  saveCache,
  pipelines: async (reader) => (await rawQuery<PipelineRow>(reader, PIPELINES, [])).map(toPipeline),
  pipeline: async (reader, name) => optional(await selectPipelines(reader).where('name', '=', name).executeTakeFirst()),
  lockPipeline: async (tx, name) => {
    const select = selectPipelines(tx).where('name', '=', name);
    return optional(
      await (tx.dialect === 'postgres' ? select.forUpdate('pipelines_pipeline') : select).executeTakeFirst(),
    );
  },
  savePipeline,
  spec: async (reader, digest) => {
    const select = tables(reader).selectFrom('pipelines_spec').select('spec').where('digest', '=', digest);
    return JSON.parse((await select.executeTakeFirstOrThrow()).spec);
  },
  insertRun: async (tx, run, steps) => {
    await tables(tx).insertInto('pipelines_run').values(toRunRow(run)).execute();
    await tables(tx)
      .insertInto('pipelines_step')
      .values(steps.map((name) => ({ run_id: run.id, name, ...NEW_STEP })))
      .execute();
  },
  run: async (reader, id) => {
    const row = await tables(reader).selectFrom('pipelines_run').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : toRun(row);
  },
  lockRun: async (tx, id) => {
    const select = tables(tx).selectFrom('pipelines_run').selectAll().where('id', '=', id);
    const row = await (tx.dialect === 'postgres' ? select.forUpdate() : select).executeTakeFirst();
    return row === undefined ? undefined : toRun(row);
  },
  runs: async (reader, { pipeline, states, after, limit }) => {
    let select = tables(reader).selectFrom('pipelines_run').selectAll();
    if (pipeline !== undefined) select = select.where('pipeline', '=', pipeline);
    if (states !== undefined) select = select.where('state', 'in', [...states]);
    if (after !== undefined) {
      select = select.where((e) =>
        e.or([
          e('created_at_ms', '<', after.createdAtMs),
          e.and([e('created_at_ms', '=', after.createdAtMs), e('id', '<', after.id)]),
        ]),
      );
    }
    const rows = await select.orderBy('created_at_ms', 'desc').orderBy('id', 'desc').limit(limit).execute();
    return rows.map(toRun);
  },
  setRun: async (tx, id, { state, endedAtMs, trackingRunId }) => {
    const tracking = trackingRunId === undefined ? {} : { tracking_run_id: trackingRunId };
    await tables(tx)
      .updateTable('pipelines_run')
      .set({ state, ended_at_ms: endedAtMs, ...tracking })
      .where('id', '=', id)
      .execute();
  },
  steps: async (reader, runIds) => {
    if (runIds.length === 0) return [];
    const select = tables(reader).selectFrom('pipelines_step').selectAll();
    return (await select.where('run_id', 'in', [...runIds]).execute()).map(toStep);
  },
  setStep: async (tx, { runId, name }, patch) => {
    await tables(tx)
      .updateTable('pipelines_step')
      .set(toStepColumns(patch))
      .where('run_id', '=', runId)
      .where('name', '=', name)
      .execute();
  },
  claimStep: async (tx, { runId, name, jobId, fence }, patch) => {
    const row = await tables(tx)
      .updateTable('pipelines_step')
      .set({ ...toStepColumns(patch), fence })
      .where('run_id', '=', runId)
      .where('name', '=', name)
      .where('job_id', '=', jobId)
      .where('fence', '<=', fence)
      .where('state', 'in', ['queued', 'running'])
      .returning('name')
      .executeTakeFirst();
    return row !== undefined;
  },
};

const NEW_STEP = {
  state: 'waiting' as const,
  attempt: 0,
  job_id: null,
  fence: 0,
  started_at_ms: null,
  ended_at_ms: null,
  cache_key: null,
  why_not_cached: '[]',
  cached_from_run_id: null,
  outputs: '{}',
  summary: 'null',
  tracking_run_id: null,
  error: null,
};

interface PipelineRow {
  name: string;
  spec_digest: string;
  project_folder: string;
  updated_at_ms: number;
  spec: string;
}

/** Asked for every event of the ledger. */
const PIPELINES = `select p.name, p.spec_digest, p.project_folder, p.updated_at_ms, s.spec from pipelines_pipeline p
  join pipelines_spec s on s.digest = p.spec_digest order by p.name`;

function selectPipelines(reader: Reader) {
  return tables(reader)
    .selectFrom('pipelines_pipeline')
    .innerJoin('pipelines_spec', 'pipelines_spec.digest', 'pipelines_pipeline.spec_digest')
    .select(['name', 'spec_digest', 'project_folder', 'updated_at_ms', 'spec']);
}

function optional(row: PipelineRow | undefined): Pipeline | undefined {
  return row === undefined ? undefined : toPipeline(row);
}

function toPipeline(row: PipelineRow): Pipeline {
  return {
    name: row.name,
    spec: JSON.parse(row.spec),
    specDigest: row.spec_digest,
    projectFolder: row.project_folder,
    updatedAtMs: row.updated_at_ms,
  };
}

async function savePipeline(tx: Reader, pipeline: Pipeline): Promise<void> {
  await tables(tx)
    .insertInto('pipelines_spec')
    .values({ digest: pipeline.specDigest, spec: JSON.stringify(pipeline.spec) })
    .onConflict((c) => c.column('digest').doNothing())
    .execute();
  const row = {
    spec_digest: pipeline.specDigest,
    project_folder: pipeline.projectFolder,
    updated_at_ms: pipeline.updatedAtMs,
  };
  await tables(tx)
    .insertInto('pipelines_pipeline')
    .values({ name: pipeline.name, ...row })
    .onConflict((c) => c.column('name').doUpdateSet(row))
    .execute();
}
