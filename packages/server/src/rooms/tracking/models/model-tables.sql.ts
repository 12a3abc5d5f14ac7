import type { Generated } from 'kysely';
import type { Reader } from '../../../platform/db/index.js';
import type { Lifecycle } from '../experiment-types.js';
import type { LoggedModel } from '../logged-model-types.js';
import type { NumberedModel } from './model-store.js';

export interface ModelRow {
  no: number;
  id: string;
  experiment_id: string;
  name: string;
  model_type: string;
  source_run_id: string | null;
  status: LoggedModel['status'];
  lifecycle: Lifecycle;
  artifact_root: string;
  created_at_ms: number;
  updated_at_ms: number;
}

export interface ModelMetricRow {
  model_no: number;
  key: string;
  run_id: string;
  timestamp_ms: number;
  step: number;
  /** "" for none. */
  dataset_name: string;
  dataset_digest: string;
  value: number;
  /** 1 is NaN. */
  special: number;
}

export interface ModelTables {
  tracking_logged_model: Omit<ModelRow, 'no'> & { no: Generated<number> };
  tracking_logged_model_param: { model_no: number; key: string; value: string };
  tracking_logged_model_tag: { model_no: number; key: string; value: string };
  tracking_model_metric: ModelMetricRow;
}

export const modelTables = (reader: Reader) => reader.sql<ModelTables>();

export function toModelHead(row: ModelRow): NumberedModel {
  return {
    no: row.no,
    id: row.id,
    experimentId: row.experiment_id,
    name: row.name,
    modelType: row.model_type,
    sourceRunId: row.source_run_id,
    status: row.status,
    lifecycle: row.lifecycle,
    artifactRoot: row.artifact_root,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}
