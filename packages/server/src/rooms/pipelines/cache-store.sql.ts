import type { Reader } from '../../platform/db/index.js';
import type { CacheEntry } from './pipelines-store.js';
import type { PipelinesTables } from './pipelines-tables.sql.js';

type CacheRow = PipelinesTables['pipelines_cache'];

/** The newest result under a key, whichever pipeline and step made it. */
export async function cached(reader: Reader, key: string): Promise<CacheEntry | undefined> {
  const row = await reader
    .sql<PipelinesTables>()
    .selectFrom('pipelines_cache')
    .selectAll()
    .where('cache_key', '=', key)
    .orderBy('created_at_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : toEntry(row);
}

/** The newest result of one step of one pipeline, for saying what changed since. */
export async function lastSuccess(reader: Reader, pipeline: string, step: string): Promise<CacheEntry | undefined> {
  const row = await reader
    .sql<PipelinesTables>()
    .selectFrom('pipelines_cache')
    .selectAll()
    .where('pipeline', '=', pipeline)
    .where('step', '=', step)
    .orderBy('created_at_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : toEntry(row);
}

export async function saveCache(tx: Reader, entry: CacheEntry): Promise<void> {
  const result = {
    run_id: entry.runId,
    tracking_run_id: entry.trackingRunId,
    components: JSON.stringify(entry.components),
    outputs: JSON.stringify(entry.outputs),
    summary: JSON.stringify(entry.summary),
    created_at_ms: entry.createdAtMs,
  };
  await tx
    .sql<PipelinesTables>()
    .insertInto('pipelines_cache')
    .values({ cache_key: entry.key, pipeline: entry.pipeline, step: entry.step, ...result })
    .onConflict((c) => c.columns(['cache_key', 'pipeline', 'step']).doUpdateSet(result))
    .execute();
}

function toEntry(row: CacheRow): CacheEntry {
  return {
    key: row.cache_key,
    pipeline: row.pipeline,
    step: row.step,
    runId: row.run_id,
    trackingRunId: row.tracking_run_id,
    components: JSON.parse(row.components),
    outputs: JSON.parse(row.outputs),
    summary: JSON.parse(row.summary),
    createdAtMs: row.created_at_ms,
  };
}
