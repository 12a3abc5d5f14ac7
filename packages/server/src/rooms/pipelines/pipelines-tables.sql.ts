import type { CacheMode, RunRecord, StepPatch, StepRecord } from './pipelines-store.js';
import type { PipelineRunState, StepState } from './pipelines-types.js';

export interface RunRow {
  id: string;
  pipeline: string;
  spec_digest: string;
  project_folder: string;
  state: PipelineRunState;
  params: string;
  trigger_kind: RunRecord['trigger']['kind'];
  trigger_ref: string | null;
  inputs_digest: string;
  cache_mode: CacheMode;
  tracking_run_id: string;
  creator: string;
  created_at_ms: number;
  ended_at_ms: number | null;
}

export interface StepRow {
  run_id: string;
  name: string;
  state: StepState;
  attempt: number;
  job_id: string | null;
  fence: number;
  started_at_ms: number | null;
  ended_at_ms: number | null;
  cache_key: string | null;
  why_not_cached: string;
  cached_from_run_id: string | null;
  outputs: string;
  summary: string;
  tracking_run_id: string | null;
  error: string | null;
}

export interface PipelinesTables {
  pipelines_spec: { digest: string; spec: string };
  pipelines_pipeline: { name: string; spec_digest: string; project_folder: string; updated_at_ms: number };
  pipelines_run: RunRow;
  pipelines_step: StepRow;
  pipelines_cache: {
    cache_key: string;
    pipeline: string;
    step: string;
    run_id: string;
    tracking_run_id: string | null;
    components: string;
    outputs: string;
    summary: string;
    created_at_ms: number;
  };
}

export function toRunRow(run: RunRecord): RunRow {
  return {
    id: run.id,
    pipeline: run.pipeline,
    spec_digest: run.specDigest,
    project_folder: run.projectFolder,
    state: run.state,
    params: JSON.stringify(run.params),
    trigger_kind: run.trigger.kind,
    trigger_ref: run.trigger.ref,
    inputs_digest: run.inputsDigest,
    cache_mode: run.cacheMode,
    tracking_run_id: run.trackingRunId,
    creator: JSON.stringify(run.creator),
    created_at_ms: run.createdAtMs,
    ended_at_ms: run.endedAtMs,
  };
}

export function toRun(row: RunRow): RunRecord {
  return {
    id: row.id,
    pipeline: row.pipeline,
    specDigest: row.spec_digest,
    projectFolder: row.project_folder,
    state: row.state,
    params: JSON.parse(row.params),
    trigger: { kind: row.trigger_kind, ref: row.trigger_ref },
    inputsDigest: row.inputs_digest,
    cacheMode: row.cache_mode,
    trackingRunId: row.tracking_run_id,
    creator: JSON.parse(row.creator),
    createdAtMs: row.created_at_ms,
    endedAtMs: row.ended_at_ms,
  };
}

export function toStep(row: StepRow): StepRecord {
  return {
    runId: row.run_id,
    name: row.name,
    state: row.state,
    attempt: row.attempt,
    jobId: row.job_id,
    fence: row.fence,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    cacheKey: row.cache_key,
    whyNotCached: JSON.parse(row.why_not_cached),
    cachedFromRunId: row.cached_from_run_id,
    outputs: JSON.parse(row.outputs),
    summary: JSON.parse(row.summary),
    trackingRunId: row.tracking_run_id,
    error: row.error === null ? null : JSON.parse(row.error),
  };
}

/** The columns of the members that the patch has. */
export function toStepColumns(patch: StepPatch): Partial<StepRow> {
  const columns: { [K in keyof StepRow]?: StepRow[K] | undefined } = {
    state: patch.state,
    attempt: patch.attempt,
    job_id: patch.jobId,
    fence: patch.fence,
    started_at_ms: patch.startedAtMs,
    ended_at_ms: patch.endedAtMs,
    cache_key: patch.cacheKey,
    why_not_cached: patch.whyNotCached && JSON.stringify(patch.whyNotCached),
    cached_from_run_id: patch.cachedFromRunId,
    outputs: patch.outputs && JSON.stringify(patch.outputs),
    summary: patch.summary === undefined ? undefined : JSON.stringify(patch.summary),
    tracking_run_id: patch.trackingRunId,
    error: patch.error === undefined || patch.error === null ? patch.error : JSON.stringify(patch.error),
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined)) as Partial<StepRow>;
}
