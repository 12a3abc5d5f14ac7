import type { RunHead } from './tracking-store.js';
import type { Experiment, MetricPoint, RunEnvironment, RunStatus } from './tracking-types.js';

export interface ExperimentRow {
  id: string;
  name: string;
  tags: string;
  created_at_ms: number;
}

export interface RunRow {
  id: string;
  experiment_id: string;
  name: string;
  status: RunStatus;
  parent_run_id: string | null;
  started_at_ms: number;
  ended_at_ms: number | null;
  created_by: string;
  environment: string | null;
}

interface TextRow {
  run_id: string;
  key: string;
  value: string;
}

export interface MetricRow {
  run_id: string;
  key: string;
  step: number;
  timestamp_ms: number;
  value: number;
  special: number;
}

export interface EdgeRow {
  from_kind: string;
  from_id: string;
  to_kind: string;
  to_id: string;
  relation: string;
  created_at_ms: number;
}

export interface TrackingTables {
  tracking_experiment: ExperimentRow;
  tracking_run: RunRow;
  tracking_param: TextRow;
  tracking_tag: TextRow;
  tracking_metric: MetricRow;
  tracking_latest_metric: MetricRow;
  tracking_artifact: { run_id: string; path: string; digest: string; size_bytes: number; created_at_ms: number };
  tracking_edge: EdgeRow;
}

export const NAN = 1;
const INFINITE = 2;

/**
 * SQLite stores NaN as NULL, so a value that is not finite is kept as a stand-in (0, or the largest number with its sign,
 * which sorts right) beside a mark that restores it exactly.
 */
function toStored(value: number): { value: number; special: number } {
  if (Number.isNaN(value)) return { value: 0, special: NAN };
  if (Number.isFinite(value)) return { value, special: 0 };
  return { value: Math.sign(value) * Number.MAX_VALUE, special: INFINITE };
}

export function fromStored(row: { value: number; special: number }): number {
  if (row.special === NAN) return Number.NaN;
  return row.special === INFINITE ? Math.sign(row.value) * Number.POSITIVE_INFINITY : row.value;
}

export function toPoint(row: MetricRow): MetricPoint {
  return { key: row.key, value: fromStored(row), timestampMs: row.timestamp_ms, step: row.step };
}

export function toMetricRow(runId: string, point: MetricPoint): MetricRow {
  return {
    run_id: runId,
    key: point.key,
    step: point.step,
    timestamp_ms: point.timestampMs,
    ...toStored(point.value),
  };
}

export function toExperiment(row: ExperimentRow): Experiment {
  return { id: row.id, name: row.name, tags: JSON.parse(row.tags), createdAtMs: row.created_at_ms };
}

export function toRunHead(row: RunRow): RunHead {
  return {
    id: row.id,
    experimentId: row.experiment_id,
    name: row.name,
    status: row.status,
    parentRunId: row.parent_run_id,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    createdBy: row.created_by,
    environment: row.environment === null ? null : (JSON.parse(row.environment) as RunEnvironment),
  };
}
