import { type RawBuilder, sql } from 'kysely';
import { type Reader, rawQuery } from '../../platform/db/index.js';
import { isBeyond, orderTerms, type SortColumn } from '../../platform/search/index.js';
import { toStoredPosition } from './metric-reading-rules.js';
import type { MetricPoint } from './metric-types.js';
import type { MetricStore } from './tracking-store.js';
import { type PointRow, toPoint } from './tracking-tables.sql.js';

type Request = Parameters<MetricStore['historyPage']>[1];

interface SeriesRow {
  readonly no: number;
  readonly sealed_step: number | null;
  readonly sealed_timestamp_ms: number | null;
  readonly in_time: number;
}

const column = (name: string): SortColumn => ({ expression: sql.raw(name), direction: 'asc', kind: 'number' });
const VALUE = 'case when p.special = 1 then 0 else p.value end';
const BY_TIME = ['p.timestamp_ms', 'p.step', 'p.special', VALUE].map(column);
const BY_STEP = ['p.step', 'p.timestamp_ms', 'p.special', VALUE].map(column);
const SERIES = 'select no, sealed_step, sealed_timestamp_ms, in_time from tracking_series where run_no = ? and key = ?';
const EARLIEST_LOOSE = `select min(timestamp_ms) as ms from tracking_point
  where series_no = ? and step >= ? and (step, timestamp_ms) > (?, ?)`;

/**
 * A page by time. The key is by step: while time rises with the steps, which is known of what is sealed, a page of it is read
 * along the key, and only the few thousand newest points are sorted. Where time runs against the steps everything after the
 * page's begin is sorted, as an index by time, which would double the table, is not kept for those few series.
 */
export const historyPage: MetricStore['historyPage'] = async (reader, request) => {
  const [series] = await rawQuery<SeriesRow>(reader, SERIES, [request.runNo, request.key]);
  if (series === undefined) return [];
  const { no, sealed_step: step, sealed_timestamp_ms: timestampMs } = series;
  if (step === null || timestampMs === null || series.in_time === 0) return sorted(reader, no, request, sql`1 = 1`);
  const [earliest] = await rawQuery<{ ms: number | null }>(reader, EARLIEST_LOOSE, [no, step, step, timestampMs]);
  if ((earliest?.ms ?? timestampMs) < timestampMs) return sorted(reader, no, request, sql`1 = 1`);
  const sealed = await alongKey(reader, no, request, { step, timestampMs });
  const limit = request.limit - sealed.length;
  if (limit === 0) return sealed;
  const loose = sql`p.step >= ${step} and (p.step, p.timestamp_ms) > (${step}, ${timestampMs})`;
  return [...sealed, ...(await sorted(reader, no, { ...request, limit }, loose))];
};

function alongKey(
  reader: Reader,
  no: number,
  { key, after, limit }: Request,
  sealed: Pick<MetricPoint, 'step' | 'timestampMs'>,
): Promise<MetricPoint[]> {
  let beyond = sql`1 = 1`;
  if (after !== null) {
    const [timestampMs, step, ...rest] = toStoredPosition(after) as [number, number, ...number[]];
    beyond = sql`p.step >= ${step} and (p.step, p.timestamp_ms) >= (${step}, ${timestampMs})
      and ${isBeyond(BY_STEP, [step, timestampMs, ...rest], reader.dialect)}`;
  }
  return pointsOf(
    reader,
    key,
    sql`select p.step, p.timestamp_ms, p.value, p.special from tracking_point p
      where p.series_no = ${no} and ${beyond}
        and p.step <= ${sealed.step} and (p.step, p.timestamp_ms) <= (${sealed.step}, ${sealed.timestampMs})
      order by ${orderTerms(BY_STEP, reader.dialect)} limit ${limit}`,
  );
}

function sorted(
  reader: Reader,
  no: number,
  { key, after, limit }: Request,
  within: RawBuilder<unknown>,
): Promise<MetricPoint[]> {
  const beyond = after === null ? sql`1 = 1` : isBeyond(BY_TIME, toStoredPosition(after), reader.dialect);
  return pointsOf(
    reader,
    key,
    sql`select p.step, p.timestamp_ms, p.value, p.special from tracking_point p
      where p.series_no = ${no} and ${within} and ${beyond}
      order by ${orderTerms(BY_TIME, reader.dialect)} limit ${limit}`,
  );
}

async function pointsOf(reader: Reader, key: string, query: RawBuilder<unknown>): Promise<MetricPoint[]> {
  const { rows } = await (query as RawBuilder<PointRow>).execute(reader.sql());
  return rows.map((row) => toPoint(key, row));
}
