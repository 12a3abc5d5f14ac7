import { type Reader, rawQuery } from '../../../platform/db/index.js';
import type { MetricPoint } from '../metric-types.js';
import { fromStored, type PointRow } from '../tracking-tables.sql.js';

const PAGE = 50_000;

export interface CountedSeries {
  readonly no: number;
  readonly key: string;
  readonly points: number;
}

/** Every metric of a run with the points that are really there. */
export function countSeries(reader: Reader, runNo: number): Promise<CountedSeries[]> {
  return rawQuery<CountedSeries>(
    reader,
    `select s.no, s.key, (select count(*) from tracking_point p where p.series_no = s.no) as points
     from tracking_series s where s.run_no = ? order by s.key`,
    [runNo],
  );
}

/** After points came that may have been there already: the number that a series says it has. */
export async function recount(tx: Reader, seriesNos: readonly number[]): Promise<void> {
  const sql = `update tracking_series set points = (select count(*) from tracking_point p where p.series_no = tracking_series.no)
    where no = ?`;
  for (const no of seriesNos) await rawQuery(tx, sql, [no]);
}

type Point = Omit<MetricPoint, 'key'>;

/** All points of a series in the order of the table, some at a time. */
export async function* walkPoints(reader: Reader, seriesNo: number): AsyncGenerator<readonly Point[]> {
  const columns = 'select step, timestamp_ms, value, special from tracking_point where series_no = ?';
  const order = 'order by step, timestamp_ms, value, special limit ?';
  let rows = await rawQuery<PointRow>(reader, `${columns} ${order}`, [seriesNo, PAGE]);
  for (;;) {
    yield rows.map((row) => ({ step: row.step, timestampMs: row.timestamp_ms, value: fromStored(row) }));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    rows = await rawQuery<PointRow>(
      reader,
      `${columns} and (step, timestamp_ms, value, special) > (?, ?, ?, ?) ${order}`,
      [seriesNo, last.step, last.timestamp_ms, last.value, last.special, PAGE],
    );
  }
}
