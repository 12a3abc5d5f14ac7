import { sql } from 'kysely';
import type { Reader } from '../../../platform/db/index.js';
import type { LoggedModel, ModelMetric } from '../logged-model-types.js';
import { fromStored } from '../tracking-tables.sql.js';
import { type ModelMetricRow, type ModelRow, modelTables, toModelHead } from './model-tables.sql.js';

/** Models with what was logged to them, in the order of the rows: one query for each table. */
export async function toModels(reader: Reader, rows: readonly ModelRow[]): Promise<LoggedModel[]> {
  if (rows.length === 0) return [];
  const db = modelTables(reader);
  const nos = rows.map(({ no }) => no);
  const ofModels =
    reader.dialect === 'sqlite'
      ? sql<boolean>`model_no in (select value from json_each(${JSON.stringify(nos)}))`
      : sql<boolean>`model_no = any(${nos}::bigint[])`;
  const params = await db
    .selectFrom('tracking_logged_model_param')
    .selectAll()
    .where(ofModels)
    .orderBy('key')
    .execute();
  const tags = await db.selectFrom('tracking_logged_model_tag').selectAll().where(ofModels).orderBy('key').execute();
  const metrics = await db
    .selectFrom('tracking_model_metric')
    .selectAll()
    .where(ofModels)
    .orderBy('key')
    .orderBy('timestamp_ms')
    .orderBy('step')
    .orderBy('run_id')
    .orderBy('dataset_name')
    .orderBy('dataset_digest')
    .execute();
  const texts = (of: readonly { model_no: number; key: string; value: string }[]) => {
    const found = new Map<number, [string, string][]>();
    for (const { model_no, key, value } of of) grow(found, model_no, [key, value]);
    return found;
  };
  const paramsOf = texts(params);
  const tagsOf = texts(tags);
  const metricsOf = new Map<number, ModelMetric[]>();
  for (const row of metrics) grow(metricsOf, row.model_no, toMetric(row));
  return rows.map((row) => {
    const { no, ...head } = toModelHead(row);
    return {
      ...head,
      params: Object.fromEntries(paramsOf.get(no) ?? []),
      tags: Object.fromEntries(tagsOf.get(no) ?? []),
      metrics: metricsOf.get(no) ?? [],
    };
  });
}

function grow<T>(lists: Map<number, T[]>, at: number, item: T): void {
  const list = lists.get(at);
  if (list === undefined) lists.set(at, [item]);
  else list.push(item);
}

function toMetric(row: ModelMetricRow): ModelMetric {
  return {
    key: row.key,
    value: fromStored(row),
    timestampMs: row.timestamp_ms,
    step: row.step,
    runId: row.run_id,
    datasetName: row.dataset_name === '' ? null : row.dataset_name,
    datasetDigest: row.dataset_digest === '' ? null : row.dataset_digest,
  };
}
