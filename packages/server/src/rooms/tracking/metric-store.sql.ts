import { type GatheredOperation, gather, type Reader, rawQuery } from '../../platform/db/index.js';
import { insertMetricDatasets, measuredPoints } from './metric-datasets.sql.js';
import { metricReadings } from './metric-reading.sql.js';
import { resampleLate, sealSeries } from './metric-sealing.sql.js';
import type { MetricPoint } from './metric-types.js';
import type { MetricStore, SeriesWrite, WrittenBatch } from './tracking-store.js';
import { type PointRow, toPoint, toStored } from './tracking-tables.sql.js';

/** What is written to one run. */
type Batch = Parameters<MetricStore['write']>[2] & { readonly run: Parameters<MetricStore['write']>[1] };

/** Rows of one statement on SQLite: with more of them parsing the statement costs more than it saves. */
const CHUNK = 100;

/** Points and the latest point of each series, on either engine. */
export const sqlMetricStore: MetricStore = {
  ...metricReadings,
  write: (tx, run, batch) =>
    tx.dialect === 'postgres' ? gather(tx, writeColumns, { run, ...batch }) : writeRows(tx, { run, ...batch }),
  seal: sealSeries,
  resampleLate,
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
    .join(', ')} returning no, run_no, key, points, loose, sealed_step, sealed_timestamp_ms`;
const SERIES =
  'insert into tracking_series as s (run_no, experiment_no, key, step, timestamp_ms, value, special, points, loose)';

interface UpsertedRow {
  readonly no: number;
  readonly run_no: number;
  readonly key: string;
  readonly points: number;
  readonly loose: number;
  readonly sealed_step: number | null;
  readonly sealed_timestamp_ms: number | null;
}

function toWritten(rows: readonly UpsertedRow[], { writes }: Batch, count: number): WrittenBatch {
  const counts = new Map(writes.map(({ latest, count }) => [latest.key, count]));
  const series = rows.map((row) => {
    const { no, key, loose, sealed_step: sealedStep, sealed_timestamp_ms: sealedTimestampMs } = row;
    return [key, { no, isNew: row.points === counts.get(key), loose, sealedStep, sealedTimestampMs }] as const;
  });
  return { series: new Map(series), count };
}

/** On SQLite: some rows per statement, the points under the numbers that the series have. */
async function writeRows(tx: Reader, batch: Batch): Promise<WrittenBatch> {
  const { run, writes, points } = batch;
  const rows: UpsertedRow[] = [];
  for (let start = 0; start < writes.length; start += CHUNK) {
    const some = writes
      .slice(start, start + CHUNK)
      .map((write) => [run.no, run.experimentNo, ...seriesValues(tx, write)]);
    const text = `${SERIES} values ${placeholders(some.length, 9)} ${UPSERT}`;
    rows.push(...(await rawQuery<UpsertedRow>(tx, text, some.flat())));
  }
  const numbers = new Map(rows.map(({ key, no }) => [key, no]));
  for (let start = 0; start < points.length; start += CHUNK) {
    const some = points.slice(start, start + CHUNK).map((point) => [numbers.get(point.key), ...pointValues(tx, point)]);
    const text = `insert into tracking_point (series_no, step, timestamp_ms, value, special) values
      ${placeholders(some.length, 5)} on conflict do nothing`;
    await rawQuery(tx, text, some.flat());
  }
  const written = toWritten(rows, batch, 0);
  if (![...written.series.values()].some(({ isNew }) => isNew)) return written;
  const [counted] = await rawQuery<{ n: number }>(tx, COUNT_SERIES, [run.no]);
  return { ...written, count: counted?.n ?? 0 };
}

const COUNT_SERIES = 'select count(*) as n from tracking_series where run_no = ?';

interface CountedRow extends UpsertedRow {
  /** How many series the run has, when any of those in the statement is new. */
  readonly count: number | null;
}

/** On PostgreSQL: both statements in one go, so the points find the numbers of their series by themselves. */
const writeColumns: GatheredOperation<Batch, WrittenBatch> = async (tx, batches) => {
  const series = batches.flatMap(({ run, writes }) => writes.map((write) => ({ run, write })));
  const keys = series.map(({ write }) => write.latest.key);
  let before = 0;
  const points = batches.flatMap(({ writes, points }) => {
    const places = new Map(writes.map(({ latest }, i) => [latest.key, before + i + 1]));
    before += writes.length;
    return points.map((point) => [places.get(point.key) as number, ...pointValues(tx, point)]);
  });
  const runs = columns(series.map(({ run }) => [run.no, run.experimentNo]));
  const [rows] = await Promise.all([
    rawQuery<CountedRow>(tx, UPSERT_COLUMNS, [
      ...[...runs, keys],
      ...columns(series.map(({ write }) => seriesValues(tx, write).slice(1) as number[])),
    ]),
    rawQuery(tx, INSERT_COLUMNS, [runs[0], keys, ...columns(points)]),
  ]);
  const ofRun = new Map<number, CountedRow[]>(batches.map(({ run }) => [run.no, []]));
  for (const row of rows) ofRun.get(row.run_no)?.push(row);
  return batches.map((batch) => {
    const own = ofRun.get(batch.run.no) as CountedRow[];
    return toWritten(own, batch, own[0]?.count ?? 0);
  });
};

// The statement sees the table as it was before, and counts only in runs that get something new: a row that was there has been
// locked before it was changed, and keeps the mark of that (xmax).
const UPSERT_COLUMNS = `with written as (${SERIES} select * from unnest(?::bigint[], ?::bigint[], ?::text[], ?::bigint[],
    ?::bigint[], ?::float8[], ?::smallint[], ?::bigint[], ?::bigint[]) ${UPSERT}, s.xmax = 0 as fresh),
  counted as materialized (select run_no, count(*) + (select count(*) from tracking_series s where s.run_no = w.run_no) as count
    from written w where fresh group by run_no)
  select w.no, w.run_no, w.key, w.points, w.loose, w.sealed_step, w.sealed_timestamp_ms,
    (select count from counted c where c.run_no = w.run_no) as count from written w`;
// Looked up one by one: a plan from when there were few series would read all of them for a join.
const INSERT_COLUMNS = `insert into tracking_point (series_no, step, timestamp_ms, value, special)
  select (select s.no from tracking_series s where s.run_no = (?::bigint[])[p.place] and s.key = (?::text[])[p.place]),
    p.step, p.timestamp_ms, p.value, p.special
  from unnest(?::integer[], ?::bigint[], ?::bigint[], ?::float8[], ?::smallint[])
    as p (place, step, timestamp_ms, value, special) on conflict do nothing`;

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
