import type { ForeignDb, ForeignRow } from '../../../platform/db/index.js';
import type {
  SourceDataset,
  SourceExperiment,
  SourceLinks,
  SourceLoggedModel,
  SourceModelMetric,
  SourcePoint,
  SourceRun,
} from './import-source.js';
import { isModelId, isRunId, readLifecycle, readModelStatus, readRecord, readStatus } from './read-record.js';
import type { Tell } from './tell-problem.js';

/** What the records of one database are read with. */
export interface DatabaseReader {
  readonly db: ForeignDb;
  readonly path: string;
  readonly tell: Tell;
}

type Texts = Record<string, string>;
type Params = readonly (string | number)[];

/** Rows of a table of this or a later schema; none when this schema does not have it. */
export function rowsOf(
  { db }: DatabaseReader,
  table: string,
  rest: string,
  params: Params = [],
): readonly ForeignRow[] {
  return db.select(table, '*', rest, params);
}

export const marks = (values: readonly unknown[]) => values.map(() => '?').join(', ');

/** Text of a column; null counts as empty. Bytes are no text. */
export function textOf(value: ForeignRow[string] | undefined): string {
  if (value === null || value === undefined || typeof value === 'object') return '';
  return String(value);
}

/** Maps of texts of many owners, from one table of (owner, key, value). */
function textsByOwner(
  reader: DatabaseReader,
  table: string,
  columns: { readonly owner: string; readonly key: string; readonly value: string },
  owners: Params,
): Map<string, Texts> {
  const found = new Map<string, Texts>();
  const rows =
    owners.length === 0 ? [] : rowsOf(reader, table, `WHERE "${columns.owner}" IN (${marks(owners)})`, owners);
  for (const row of rows) {
    const owner = textOf(row[columns.owner]);
    const texts = found.get(owner) ?? Object.create(null);
    if (typeof row[columns.value] === 'object' && row[columns.value] !== null) {
      reader.tell.broken(
        `${reader.path}: ${table} of ${owner}, key ${textOf(row[columns.key])}`,
        'the value is no text',
      );
      continue;
    }
    texts[textOf(row[columns.key])] = textOf(row[columns.value]);
    found.set(owner, texts);
  }
  return found;
}

export function toExperiment(reader: DatabaseReader, row: ForeignRow): SourceExperiment {
  const id = textOf(row.experiment_id);
  const fields = readRecord(row, `${reader.path}: experiments ${id}`);
  const tags = textsByOwner(reader, 'experiment_tags', { owner: 'experiment_id', key: 'key', value: 'value' }, [id]);
  return {
    id,
    name: fields.text('name'),
    lifecycle: readLifecycle(fields.optionalText('lifecycle_stage')),
    tags: { ...tags.get(id) },
    artifactRoot: fields.optionalText('artifact_location'),
    createdAtMs: fields.whole('creation_time'),
    updatedAtMs: fields.whole('last_update_time'),
  };
}

/** Up to a few hundred runs with all that belongs to them, one query per table. */
export function toRuns(reader: DatabaseReader, rows: readonly ForeignRow[]): SourceRun[] {
  const ids = rows.map((row) => textOf(row.run_uuid));
  const columns = { owner: 'run_uuid', key: 'key', value: 'value' };
  const params = textsByOwner(reader, 'params', columns, ids);
  const tags = textsByOwner(reader, 'tags', columns, ids);
  const links = linksOf(reader, ids);
  const runs: SourceRun[] = [];
  for (const row of rows) {
    const id = textOf(row.run_uuid);
    const fields = readRecord(row, `${reader.path}: runs ${id}`);
    reader.tell.attempt(() => {
      if (!isRunId(id)) throw fields.refuse('run_uuid is no id of a run');
      const own = { ...tags.get(id) };
      runs.push({
        id,
        experimentId: fields.text('experiment_id'),
        name: fields.optionalText('name') || (own['mlflow.runName'] ?? ''),
        status: readStatus(fields.optionalText('status'), fields),
        lifecycle: readLifecycle(fields.optionalText('lifecycle_stage')),
        startedAtMs: fields.whole('start_time'),
        endedAtMs: fields.whole('end_time'),
        userName: fields.optionalText('user_id'),
        artifactRoot: fields.optionalText('artifact_uri'),
        params: { ...params.get(id) },
        tags: own,
        links: links.get(id) ?? NO_LINKS,
      });
    });
  }
  return runs;
}

const NO_LINKS: SourceLinks = { datasets: [], modelInputs: [], modelOutputs: [] };

interface MutableLinks {
  datasets: SourceLinks['datasets'][number][];
  modelInputs: string[];
  modelOutputs: SourceLinks['modelOutputs'][number][];
}

/** Which end of a row is the run depends on the kind of the row. */
function linksOf(reader: DatabaseReader, runIds: readonly string[]): Map<string, SourceLinks> {
  const found = new Map<string, MutableLinks>(
    runIds.map((id) => [id, { datasets: [], modelInputs: [], modelOutputs: [] }]),
  );
  if (runIds.length === 0) return found;
  const asRun = rowsOf(
    reader,
    'inputs',
    `WHERE destination_type = 'RUN' AND destination_id IN (${marks(runIds)})`,
    runIds,
  );
  const datasets = datasetsOf(
    reader,
    asRun.filter((row) => row.source_type === 'DATASET').map((row) => textOf(row.source_id)),
  );
  const inputIds = asRun.map((row) => textOf(row.input_uuid));
  const tags = textsByOwner(reader, 'input_tags', { owner: 'input_uuid', key: 'name', value: 'value' }, inputIds);
  for (const row of asRun) {
    const dataset = datasets.get(textOf(row.source_id));
    const own = { ...tags.get(textOf(row.input_uuid)) };
    if (dataset !== undefined) found.get(textOf(row.destination_id))?.datasets.push({ dataset, tags: own });
    else reader.tell.broken(`${reader.path}: inputs ${textOf(row.input_uuid)}`, 'its dataset is not there');
  }
  const rest = `WHERE source_type IN ('RUN_INPUT', 'RUN_OUTPUT') AND source_id IN (${marks(runIds)})`;
  for (const row of rowsOf(reader, 'inputs', rest, runIds)) {
    const links = found.get(textOf(row.source_id));
    const modelId = textOf(row.destination_id);
    if (row.source_type === 'RUN_INPUT') links?.modelInputs.push(modelId);
    else links?.modelOutputs.push({ modelId, step: Number(row.step ?? 0) });
  }
  return found;
}

function datasetsOf(reader: DatabaseReader, ids: readonly string[]): Map<string, SourceDataset> {
  const distinct = [...new Set(ids)];
  const rows =
    distinct.length === 0 ? [] : rowsOf(reader, 'datasets', `WHERE dataset_uuid IN (${marks(distinct)})`, distinct);
  return new Map(
    rows.map((row) => [
      textOf(row.dataset_uuid),
      {
        name: textOf(row.name),
        digest: textOf(row.digest),
        sourceType: textOf(row.dataset_source_type),
        source: textOf(row.dataset_source),
        schema: textOf(row.dataset_schema) || null,
        profile: textOf(row.dataset_profile) || null,
      },
    ]),
  );
}

export function toLoggedModel(reader: DatabaseReader, row: ForeignRow): SourceLoggedModel {
  const id = textOf(row.model_id);
  const fields = readRecord(row, `${reader.path}: logged_models ${id}`);
  if (!isModelId(id)) throw fields.refuse('model_id is no id of a model');
  const texts = (table: string, kind: 'param' | 'tag') =>
    textsByOwner(reader, table, { owner: 'model_id', key: `${kind}_key`, value: `${kind}_value` }, [id]).get(id);
  return {
    id,
    experimentId: fields.text('experiment_id'),
    name: fields.optionalText('name'),
    modelType: fields.optionalText('model_type'),
    sourceRunId: fields.optionalText('source_run_id') || null,
    status: readModelStatus(fields.optionalText('status')),
    lifecycle: readLifecycle(fields.optionalText('lifecycle_stage')),
    artifactRoot: fields.optionalText('artifact_location'),
    params: { ...texts('logged_model_params', 'param') },
    tags: { ...texts('logged_model_tags', 'tag') },
    metrics: modelMetricsOf(reader, id),
    createdAtMs: fields.whole('creation_timestamp_ms'),
    updatedAtMs: fields.whole('last_updated_timestamp_ms'),
  };
}

function modelMetricsOf(reader: DatabaseReader, modelId: string): SourceModelMetric[] {
  const metrics: SourceModelMetric[] = [];
  for (const row of rowsOf(reader, 'logged_model_metrics', 'WHERE model_id = ?', [modelId])) {
    const key = textOf(row.metric_name);
    const point = toPoint({ value: row.metric_value, timestamp: row.metric_timestamp_ms, step: row.metric_step });
    if (point === undefined) {
      reader.tell.broken(`${reader.path}: logged_model_metrics ${modelId} ${key}`, 'the row is no point of a metric');
      continue;
    }
    metrics.push({
      key,
      ...point,
      runId: textOf(row.run_id),
      datasetName: textOf(row.dataset_name) || null,
      datasetDigest: textOf(row.dataset_digest) || null,
    });
  }
  return metrics;
}

/** A row's point. NaN stands beside a zero in `is_nan`, or as null in the tables that have no such column. */
export function toPoint(row: Readonly<Record<string, unknown>>): SourcePoint | undefined {
  const value = row.is_nan === 1 || row.value === null ? Number.NaN : row.value;
  const { timestamp: timestampMs, step } = row;
  if (typeof value !== 'number' || !Number.isSafeInteger(timestampMs) || !Number.isSafeInteger(step)) return undefined;
  return (timestampMs as number) < 0 ? undefined : { value, timestampMs: timestampMs as number, step: step as number };
}
