import type { JobState, JobView, JsonValue } from './job-types.js';

export interface JobRow {
  id: string;
  kind: string;
  payload: string;
  state: JobState;
  dedupe_key: string | null;
  limit_key: string | null;
  priority: number;
  run_at: number;
  scheduled_for: number | null;
  max_attempts: number;
  timeout_ms: number | null;
  failures: number;
  losses: number;
  fence: number;
  owner: string | null;
  lease_until: number | null;
  deadline: number | null;
  cancel_requested: number;
  progress_ratio: number;
  progress_message: string;
  result: string | null;
  error: string | null;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
}

export interface JobTables {
  job: JobRow;
  job_gate: { turns: number };
}

export const parseJson = (text: string): JsonValue => JSON.parse(text) as JsonValue;

/** A row as the rest of the program sees it. */
export function toJobView(row: JobRow): JobView {
  return {
    id: row.id,
    kind: row.kind,
    payload: parseJson(row.payload),
    state: row.state,
    cancelRequested: row.cancel_requested === 1,
    failures: row.failures,
    maxAttempts: row.max_attempts,
    losses: row.losses,
    progress: { ratio: row.progress_ratio, message: row.progress_message },
    createdAtMs: row.created_at,
    runAtMs: row.run_at,
    ...(row.result === null ? {} : { result: parseJson(row.result) }),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as NonNullable<JobView['error']> }),
    ...(row.scheduled_for === null ? {} : { scheduledForMs: row.scheduled_for }),
    ...(row.started_at === null ? {} : { startedAtMs: row.started_at }),
    ...(row.finished_at === null ? {} : { finishedAtMs: row.finished_at }),
  };
}
