import { type RawBuilder, sql } from 'kysely';
import type { Reader } from '../../platform/db/index.js';
import { isOneOf } from '../../platform/search/index.js';
import { samplePoints } from './metric-grid.sql.js';
import { historyPage } from './metric-page.sql.js';
import { sampled } from './metric-sample.sql.js';
import type { MetricPoint } from './metric-types.js';
import type { MetricStore } from './tracking-store.js';
import { type PointRow, toPoint } from './tracking-tables.sql.js';

type Readings = Pick<MetricStore, 'historyPage' | 'sampled' | 'interval' | 'bulk'>;
type PointOfRun = MetricPoint & { readonly runId: string };

/** Histories as clients and charts read them. */
export const metricReadings: Readings = {
  historyPage,
  sampled,
  interval: async (reader, request) => {
    const { runIds, key, maxSteps, fromStep, toStep } = request;
    const grid = await samplePoints(reader, request);
    if (grid !== undefined) return grid;
    const steps = sql.lit(maxSteps);
    return pointsOfRuns(
      reader,
      key,
      sql`
      with chosen as (${ofRuns(reader, runIds, key)} and ${inRange(fromStep, toStep)}),
      steps as (
        select step, row_number() over (order by step) - 1 as i, count(*) over () as n
        from (select distinct step from chosen) as every
      ), kept as (
        select step from steps where n <= ${steps} or (i * ${steps}) % n < ${steps} or i = n - 1
      ), ends as (select run_id, min(step) as lo, max(step) as hi from chosen group by run_id)
      select chosen.* from chosen join ends on ends.run_id = chosen.run_id
      where chosen.step = ends.lo or chosen.step = ends.hi or chosen.step in (select step from kept)
      order by chosen.run_id, step, timestamp_ms, special, value
    `,
    );
  },
  bulk: (reader, { runIds, key, limit }) =>
    pointsOfRuns(
      reader,
      key,
      sql`${ofRuns(reader, runIds, key)} order by r.id, p.timestamp_ms, p.step, p.special, p.value limit ${limit}`,
    ),
};

function ofRuns(reader: Reader, runIds: readonly string[], key: string): RawBuilder<unknown> {
  return sql`
    select r.id as run_id, p.step, p.timestamp_ms, p.value, p.special from tracking_run r
    join tracking_series s on s.run_no = r.no and s.key = ${key}
    join tracking_point p on p.series_no = s.no where ${isOneOf(reader.dialect, sql`r.id`, runIds)}
  `;
}

function inRange(fromStep: number | undefined, toStep: number | undefined): RawBuilder<boolean> {
  const from = fromStep === undefined ? sql`1 = 1` : sql`p.step >= ${fromStep}`;
  return sql<boolean>`${from} and ${toStep === undefined ? sql`1 = 1` : sql`p.step <= ${toStep}`}`;
}

async function pointsOfRuns(reader: Reader, key: string, query: RawBuilder<unknown>): Promise<PointOfRun[]> {
  const { rows } = await (query as RawBuilder<PointRow & { run_id: string }>).execute(reader.sql());
  return rows.map((row) => ({ runId: row.run_id, ...toPoint(key, row) }));
}
