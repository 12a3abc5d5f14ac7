import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { type Dialect, type Reader, rawQuery } from '../../platform/db/index.js';
import type { MetricPoint } from './metric-types.js';
import { fromStored, toStored } from './tracking-tables.sql.js';

/** What points were measured on, beside the history: few have it, and a column in every point would cost all of them. */
export async function createMetricDatasets(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const sqlite = dialect === 'sqlite';
  const number = sqlite ? 'integer' : 'bigint';
  await sql
    .raw(
      `create table tracking_metric_dataset (run_no ${number} not null, key text not null, step ${number} not null,
        timestamp_ms ${number} not null, value ${sqlite ? 'real' : 'double precision'} not null,
        special ${sqlite ? 'integer' : 'smallint'} not null, dataset_name text not null, dataset_digest text not null,
        primary key (run_no, key, step, timestamp_ms, value, special, dataset_name, dataset_digest))
        ${sqlite ? 'without rowid' : ''}`,
    )
    .execute(db);
}

interface Row {
  readonly run_no: number;
  readonly key: string;
  readonly step: number;
  readonly timestamp_ms: number;
  readonly value: number;
  readonly special: number;
  readonly dataset_name: string;
  readonly dataset_digest: string;
}

const INSERT = `insert into tracking_metric_dataset
  (run_no, key, step, timestamp_ms, value, special, dataset_name, dataset_digest)
  values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`;

/** Of the points those that say on which dataset. */
export async function insertMetricDatasets(tx: Reader, runNo: number, points: readonly MetricPoint[]): Promise<void> {
  for (const { key, step, timestampMs, value, dataset } of points) {
    if (dataset === undefined) continue;
    const stored = toStored(tx.dialect, value);
    await rawQuery(tx, INSERT, [
      ...[runNo, key, step, timestampMs, stored.value, stored.special],
      ...[dataset.name, dataset.digest],
    ]);
  }
}

const COLUMNS = ['run_no', 'key', 'step', 'timestamp_ms', 'value', 'special', 'dataset_name', 'dataset_digest']
  .map((column) => `d.${column}`)
  .join(', ');
const ORDER = 'order by dataset_name, dataset_digest';

/** Points of one series that were measured on datasets. */
export async function measuredPoints(reader: Reader, runNo: number, key: string): Promise<MetricPoint[]> {
  const text = `select ${COLUMNS} from tracking_metric_dataset d where run_no = ? and key = ? ${ORDER}`;
  return (await rawQuery<Row>(reader, text, [runNo, key])).map(toMeasured);
}

function toMeasured(row: Row): MetricPoint {
  const dataset = { name: row.dataset_name, digest: row.dataset_digest };
  return { key: row.key, value: fromStored(row), timestampMs: row.timestamp_ms, step: row.step, dataset };
}
