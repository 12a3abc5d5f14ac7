import type { Dialect, Reader } from '../../platform/db/index.js';
import type { Lifecycle } from './experiment-types.js';
import type { MetricPoint } from './metric-types.js';
import type { RunStatus } from './run-types.js';
import type { ExperimentHead } from './tracking-store.js';

export interface ExperimentRow {
  no: number;
  id: string;
  name: string;
  lifecycle: Lifecycle;
  artifact_root: string;
  note: string;
  created_at_ms: number;
  updated_at_ms: number;
  deleted_at_ms: number | null;
}

export interface RunRow {
  no: number;
  experiment_no: number;
  id: string;
  name: string;
  status: RunStatus;
  lifecycle: Lifecycle;
  parent_run_id: string | null;
  started_at_ms: number;
  ended_at_ms: number | null;
  created_by: string;
  user_name: string;
  run_group: string | null;
  note: string;
  environment: string | null;
  deleted_at_ms: number | null;
  /** 1: it comes back when its experiment does. */
  deleted_with_experiment: number;
}

export interface PointRow {
  step: number;
  timestamp_ms: number;
  value: number;
  /** 1 is NaN. */
  special: number;
}

interface SeriesRow extends PointRow {
  no: number;
  run_no: number;
  experiment_no: number;
  key: string;
  points: number;
  loose: number;
  sealed_step: number | null;
  sealed_timestamp_ms: number | null;
  in_time: number;
}

export interface EdgeRow {
  from_kind: string;
  from_id: string;
  to_kind: string;
  to_id: string;
  relation: string;
  created_at_ms: number;
}

type Unset<Row, Column extends keyof Row> = Omit<Row, Column> & {
  [Key in Column]: import('kysely').Generated<Row[Key]>;
};

export interface TrackingTables {
  tracking_sequence: { name: string; next: number };
  tracking_experiment: ExperimentRow;
  tracking_experiment_tag: { experiment_no: number; key: string; value: string };
  tracking_run: Unset<RunRow, 'no'>;
  tracking_param: { run_no: number; key: string; value: string };
  tracking_tag: { run_no: number; key: string; value: string };
  tracking_series: Unset<SeriesRow, 'no' | 'in_time'>;
  tracking_metric_dataset: PointRow & { run_no: number; key: string; dataset_name: string; dataset_digest: string };
  tracking_point: PointRow & { series_no: number };
  tracking_edge: EdgeRow;
}

export const tables = (reader: Reader) => reader.sql<TrackingTables>();

/** SQLite stores NaN as NULL, so 0 stands for it beside the mark; infinities are stored as they are on both engines. */
export function toStored(dialect: Dialect, value: number): { value: number; special: number } {
  if (!Number.isNaN(value)) return { value, special: 0 };
  return { value: dialect === 'sqlite' ? 0 : value, special: 1 };
}

export function fromStored(row: { value: number; special: number }): number {
  return row.special === 1 ? Number.NaN : row.value;
}

export function toPoint(key: string, row: PointRow): MetricPoint {
  return { key, value: fromStored(row), timestampMs: row.timestamp_ms, step: row.step };
}

export function toExperimentHead(row: ExperimentRow): ExperimentHead {
  return {
    no: row.no,
    id: row.id,
    name: row.name,
    lifecycle: row.lifecycle,
    artifactRoot: row.artifact_root,
    note: row.note,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}
