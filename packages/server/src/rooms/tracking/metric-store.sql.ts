import { type Reader, rawQuery } from '../../platform/db/index.js';
import { insertMetricDatasets, measuredPoints } from './metric-datasets.sql.js';
import { metricReadings } from './metric-reading.sql.js';
import { resampleLate, sealSeries } from './metric-sealing.sql.js';
import type { MetricPoint } from './metric-types.js';
import type { MetricStore, SeriesWrite, WrittenSeries } from './tracking-store.js';
import { type PointRow, toPoint, toStored } from './tracking-tables.sql.js';

type BatchRun = Parameters<MetricStore['write']>[1];
type Batch = Parameters<MetricStore['write']>[2];

/** Rows of one statement on SQLite: with more of them parsing the statement costs more than it saves. */
const CHUNK = 100;

/** Points and the latest point of each series, on either engine. */
export const sqlMetricStore: MetricStore = {
  ...metricReadings,
  write: async (tx, run, batch) => {
    const rows = await (tx.dialect === 'postgres' ? writeColumns : writeRows)(tx, run, batch);
    const { writes } = batch;
    const counts = new Map(writes.map(({ latest, count }) => [latest.key, count]));
    return new Map(rows.map((row) => [row.key, toWritten(row, { isNew: row.points === counts.get(row.key) })]));
  },
  seal: sealSeries,
  resampleLate,
  countSeries: async (reader, runNo) => {
    const [row] = await rawQuery<{ n: number }>(reader, 'select count(*) as n from tracking_series where run_no = ?', [
      runNo,
    ]);
    return row?.n ?? 0;
  },
  insertDatasets: insertMetricDatasets,
  measured: measuredPoints,
  history: async (reader, runNo, key) => {
    const rows = await rawQuery<PointRow>(reader, HISTORY, [runNo, key]);
    return rows.map((row) => toPoint(key, row));
  },
};

const HISTORY = `select p.step, p.timestamp_ms, p.value, p.special from tracking_series s
  join tracking_point p on p.series_no = s.no where s.run_no = ? and s.key = ? order by p.step, p.timestamp_ms, p.value`;

/** True when what comes in is later than what is stored: greater (step, time, value), NaN below every number. */
const IS_LATER = `(excluded.step, excluded.timestamp_ms, 1 - excluded.special, excluded.value)
  > (s.step, s.timestamp_ms, 1 - s.special, s.value)`;
const UPSERT = `on conflict (run_no, key) do update set points = s.points + excluded.points,
  loose = s.loose + excluded.points,
  ${['value', 'special', 'timestamp_ms', 'step']
    .map((column) => `${column} = case when ${IS_LATER} then excluded.${column} else s.${column} end`)
    .join(', ')} returning no, key, points, loose, sealed_step, sealed_timestamp_ms`;
const SERIES =
  'insert into tracking_series as s (run_no, experiment_no, key, step, timestamp_ms, value, special, points, loose)';

interface UpsertedRow {
  readonly no: number;
  readonly key: string;
  readonly points: number;
  readonly loose: number;
  readonly sealed_step: number | null;
  readonly sealed_timestamp_ms: number | null;
}

function toWritten(row: UpsertedRow, { isNew }: { isNew: boolean }): WrittenSeries {
  return {
    no: row.no,
    isNew,
    loose: row.loose,
    sealedStep: row.sealed_step,
    sealedTimestampMs: row.sealed_timestamp_ms,
  };
}

/** On SQLite: some rows per statement, the points under the numbers that the series have. */
async function writeRows(tx: Reader, run: BatchRun, { writes, points }: Batch): Promise<UpsertedRow[]> {
  const written: UpsertedRow[] = [];
  for (let start = 0; start < writes.length; start += CHUNK) {
    const rows = writes
      .slice(start, start + CHUNK)
      .map((write) => [run.no, run.experimentNo, ...seriesValues(tx, write)]);
    const text = `${SERIES} values ${placeholders(rows.length, 9)} ${UPSERT}`;
    written.push(...(await rawQuery<UpsertedRow>(tx, text, rows.flat())));
  }
  const numbers = new Map(written.map(({ key, no }) => [key, no]));
  for (let start = 0; start < points.length; start += CHUNK) {
    const rows = points.slice(start, start + CHUNK).map((point) => [numbers.get(point.key), ...pointValues(tx, point)]);
    const text = `insert into tracking_point (series_no, step, timestamp_ms, value, special) values
      ${placeholders(rows.length, 5)} on conflict do nothing`;
    await rawQuery(tx, text, rows.flat());
  }
  return written;
}

/** On PostgreSQL: both statements in one go, so the points find the numbers of their series by themselves. */
async function writeColumns(tx: Reader, run: BatchRun, { writes, points }: Batch): Promise<UpsertedRow[]> {
  const keys = writes.map(({ latest }) => latest.key);
  const places = new Map(keys.map((key, i) => [key, i + 1]));
  const [written] = await Promise.all([
    rawQuery<UpsertedRow>(tx, UPSERT_COLUMNS, [
      ...[run.no, run.experimentNo, keys],
      ...columns(writes.map((write) => seriesValues(tx, write).slice(1) as number[])),
    ]),
    rawQuery(tx, INSERT_COLUMNS, [
      ...columns(points.map((point) => [places.get(point.key) as number, ...pointValues(tx, point)])),
      ...[run.no, keys],
    ]),
  ]);
  return written;
}

const UPSERT_COLUMNS = `${SERIES} select ?::bigint, ?::bigint, * from unnest(?::text[], ?::bigint[], ?::bigint[], ?::float8[],
  ?::smallint[], ?::bigint[], ?::bigint[]) ${UPSERT}`;
const INSERT_COLUMNS = `insert into tracking_point (series_no, step, timestamp_ms, value, special)
  select s.no, p.step, p.timestamp_ms, p.value, p.special
  from unnest(?::integer[], ?::bigint[], ?::bigint[], ?::float8[], ?::smallint[])
    as p (place, step, timestamp_ms, value, special)
  join tracking_series s on s.run_no = ? and s.key = (?::text[])[p.place] on conflict do nothing`;

/** Arrays of PostgreSQL, as it writes them itself; the driver would look at every number to see what it is. */
function columns(rows: readonly (readonly number[])[]): string[] {
  return (rows[0] ?? []).map((_, column) => `{${rows.map((row) => row[column]).join(',')}}`);
}

function seriesValues({ dialect }: Reader, { latest, count }: SeriesWrite): readonly (string | number)[] {
  const { value, special } = toStored(dialect, latest.value);
  return [latest.key, latest.step, latest.timestampMs, value, special, count, count];
}

function pointValues({ dialect }: Reader, point: MetricPoint): readonly number[] {
  const { value, special } = toStored(dialect, point.value);
  return [point.step, point.timestampMs, value, special];
}

function placeholders(rows: number, columns: number): string {
  const row = `(${Array(columns).fill('?').join(', ')})`;
  return Array(rows).fill(row).join(', ');
}
