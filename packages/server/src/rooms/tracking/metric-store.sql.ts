import { type Dialect, type Reader, rawQuery } from '../../platform/db/index.js';
import { metricReadings } from './metric-reading.sql.js';
import { sealSeries, unsealSeries } from './metric-sample.sql.js';
import type { MetricPoint } from './metric-types.js';
import type { MetricStore, RunHead, SeriesWrite, WrittenSeries } from './tracking-store.js';
import { type PointRow, toPoint, toStored } from './tracking-tables.sql.js';

type SeriesPoint = MetricPoint & { readonly seriesNo: number };

/** Rows of one statement on SQLite: with more of them parsing the statement costs more than it saves. */
const CHUNK = 100;

/** Points and the latest point of each series, on either engine. */
export const sqlMetricStore: MetricStore = {
  ...metricReadings,
  upsertSeries: async (tx, run, writes) => {
    const counts = new Map(writes.map(({ latest, count }) => [latest.key, count]));
    const series = new Map<string, WrittenSeries>();
    for (let start = 0; start < writes.length; start += CHUNK) {
      for (const row of await upsertSeries(tx, run, writes.slice(start, start + CHUNK))) {
        series.set(row.key, {
          no: row.no,
          isNew: row.points === counts.get(row.key),
          loose: row.loose,
          sealedStep: row.sealed_step,
          sealedTimestampMs: row.sealed_timestamp_ms,
        });
      }
    }
    return series;
  },
  seal: sealSeries,
  unseal: unsealSeries,
  countSeries: async (reader, runNo) => {
    const [row] = await rawQuery<{ n: number }>(reader, 'select count(*) as n from tracking_series where run_no = ?', [
      runNo,
    ]);
    return row?.n ?? 0;
  },
  insertPoints: async (tx, points) => {
    if (tx.dialect === 'postgres') return insertColumns(tx, points);
    for (let start = 0; start < points.length; start += CHUNK) {
      const chunk = points.slice(start, start + CHUNK);
      const text = `insert into tracking_point (series_no, step, timestamp_ms, value, special) values
        ${placeholders(chunk.length, 5)} on conflict do nothing`;
      await rawQuery(
        tx,
        text,
        chunk.flatMap((point) => pointValues('sqlite', point)),
      );
    }
  },
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

async function upsertSeries(
  tx: Reader,
  run: Pick<RunHead, 'no' | 'experimentNo'>,
  writes: readonly SeriesWrite[],
): Promise<UpsertedRow[]> {
  const rows = writes.map(({ latest, count }) => {
    const { value, special } = toStored(tx.dialect, latest.value);
    return [run.no, run.experimentNo, latest.key, latest.step, latest.timestampMs, value, special, count, count];
  });
  if (tx.dialect === 'sqlite') {
    return rawQuery(tx, `${SERIES} values ${placeholders(rows.length, 9)} ${UPSERT}`, rows.flat());
  }
  const types = ['bigint', 'bigint', 'text', 'bigint', 'bigint', 'float8', 'smallint', 'bigint', 'bigint'];
  const columns = types.map((_, column) => rows.map((row) => row[column]));
  const unnest = types.map((type) => `?::${type}[]`).join(', ');
  return rawQuery(tx, `${SERIES} select * from unnest(${unnest}) ${UPSERT}`, columns);
}

async function insertColumns(tx: Reader, points: readonly SeriesPoint[]): Promise<void> {
  if (points.length === 0) return;
  const rows = points.map((point) => pointValues('postgres', point));
  await rawQuery(
    tx,
    `insert into tracking_point (series_no, step, timestamp_ms, value, special)
     select * from unnest(?::integer[], ?::bigint[], ?::bigint[], ?::float8[], ?::smallint[]) on conflict do nothing`,
    [0, 1, 2, 3, 4].map((column) => rows.map((row) => row[column])),
  );
}

function pointValues(dialect: Dialect, point: SeriesPoint): readonly number[] {
  const { value, special } = toStored(dialect, point.value);
  return [point.seriesNo, point.step, point.timestampMs, value, special];
}

function placeholders(rows: number, columns: number): string {
  const row = `(${Array(columns).fill('?').join(', ')})`;
  return Array(rows).fill(row).join(', ');
}
