import { type RawBuilder, sql } from 'kysely';
import type { Reader } from '../../platform/db/index.js';
import { isOneOf } from '../../platform/search/index.js';
import type { MetricPoint } from './metric-types.js';
import { isOneOfNumbers } from './run-conditions.sql.js';
import type { StepRange } from './tracking-store.js';
import { type PointRow, toPoint } from './tracking-tables.sql.js';

type PointOfRun = MetricPoint & { readonly runId: string };
type Request = { runIds: readonly string[]; key: string; maxSteps: number } & StepRange;

/** A part of a series' steps, [from, to). */
type Cell = readonly [seriesNo: number, from: number, to: number];

interface SeriesOfRun {
  readonly runId: string;
  readonly no: number;
  readonly points: number;
}

/** Histories together longer than this are not read as a whole for a chart. */
const LONG = 20_000;

/**
 * A long history by a grid: the steps from the least to the greatest are cut into equal cells, and of each cell the first
 * point is looked up by the key, so that a million points take a thousand look-ups instead of being read. Where steps are so
 * uneven (or all the same) that half of the cells are empty, every n-th point is taken instead, which reads them all.
 * Undefined for a history that is short enough to be read as it is.
 */
export async function samplePoints(reader: Reader, request: Request): Promise<PointOfRun[] | undefined> {
  const series = await seriesOf(reader, request);
  if (series.reduce((sum, { points }) => sum + points, 0) <= LONG) return undefined;
  const ends = await endsOf(reader, series, request);
  const runOf = new Map(series.map(({ no, runId }) => [no, runId]));
  const found = ends.length === 0 ? [] : await firstOfCells(reader, cut(ends, request.maxSteps));
  const rows = found.length < request.maxSteps / 2 ? await everyNth(reader, ends, request.maxSteps) : found;
  const points = rows.map((row) => ({ runId: runOf.get(row.series_no) as string, ...toPoint(request.key, row) }));
  // Sorting is stable: what the statement ordered within a step stays so.
  return points.sort((a, b) => (a.runId === b.runId ? a.step - b.step : a.runId < b.runId ? -1 : 1));
}

async function seriesOf(reader: Reader, { runIds, key }: Request): Promise<SeriesOfRun[]> {
  const { rows } = await sql<{ run_id: string; no: number; points: number }>`
    select r.id as run_id, s.no, s.points from tracking_run r
    join tracking_series s on s.run_no = r.no and s.key = ${key} where ${isOneOf(reader.dialect, sql`r.id`, runIds)}
  `.execute(reader.sql());
  return rows.map(({ run_id, no, points }) => ({ runId: run_id, no, points: Number(points) }));
}

/** The least and the greatest step of each series within the range; those without a point in it are left out. */
async function endsOf(reader: Reader, series: readonly SeriesOfRun[], { fromStep, toStep }: Request): Promise<Cell[]> {
  const end = (which: 'min' | 'max') => sql`(select ${sql.raw(which)}(p.step) from tracking_point p
    where p.series_no = s.no and p.step >= ${fromStep ?? Number.MIN_SAFE_INTEGER}
      and p.step <= ${toStep ?? Number.MAX_SAFE_INTEGER})`;
  const { rows } = await sql<{ no: number; lo: number | null; hi: number | null }>`
    select s.no, ${end('min')} as lo, ${end('max')} as hi from tracking_series s
    where ${isOneOfNumbers(
      reader.dialect,
      sql`s.no`,
      series.map(({ no }) => no),
    )}
  `.execute(reader.sql());
  return rows.flatMap(({ no, lo, hi }) => (lo === null || hi === null ? [] : [[no, Number(lo), Number(hi)]]));
}

/** The same steps for every series, so that charts of several runs meet, and the last point of each besides. */
function cut(ends: readonly Cell[], cells: number): Cell[] {
  const lo = Math.min(...ends.map(([, from]) => from));
  const width = Math.max(1, (Math.max(...ends.map(([, , to]) => to)) - lo + 1) / cells);
  return ends.flatMap(([no, first, last]) => {
    const inner: Cell[] = [];
    for (let i = Math.floor((first - lo) / width); i < cells && lo + i * width < last; i += 1) {
      inner.push([no, Math.ceil(lo + i * width), Math.min(last, Math.ceil(lo + (i + 1) * width))]);
    }
    return [...inner, [no, last, last + 1] as const];
  });
}

/** At most `maxPoints` points of each series, evenly by their order, with the first and the last. */
async function everyNth(
  reader: Reader,
  ends: readonly Cell[],
  maxPoints: number,
): Promise<(PointRow & { series_no: number })[]> {
  const found: (PointRow & { series_no: number })[] = [];
  for (const [no, from, to] of ends) {
    const { rows } = await sql<PointRow & { series_no: number }>`
      with ranked as (
        select p.*, row_number() over (order by step, timestamp_ms, special, value) - 1 as i, count(*) over () as n
        from tracking_point p where series_no = ${no} and step >= ${from} and step <= ${to}
      )
      select series_no, step, timestamp_ms, value, special from ranked
      where n <= ${sql.lit(maxPoints)} or (i * ${sql.lit(maxPoints - 1)}) % n < ${sql.lit(maxPoints - 1)} or i = n - 1
      order by i
    `.execute(reader.sql());
    found.push(...rows);
  }
  return found;
}

async function firstOfCells(reader: Reader, cells: readonly Cell[]): Promise<(PointRow & { series_no: number })[]> {
  const query = reader.dialect === 'sqlite' ? firstInSqlite(cells) : firstInPostgres(cells);
  const { rows } = await query.execute(reader.sql());
  // Equal first steps and times with different values are points of their own: the first of them stands for its cell.
  const seen = new Set<string>();
  return rows.filter(({ series_no, step }) => {
    const known = seen.has(`${series_no}/${step}`);
    seen.add(`${series_no}/${step}`);
    return !known;
  });
}

type CellRows = RawBuilder<PointRow & { series_no: number }>;

/** SQLite has no lateral joins: step and time of the first point are asked for apart, each a look-up in the same key. */
function firstInSqlite(cells: readonly Cell[]): CellRows {
  const first = (column: string) => sql`(select ${sql.raw(column)} from tracking_point q
    where q.series_no = c.no and q.step >= c.lo and q.step < c.hi order by q.step, q.timestamp_ms limit 1)`;
  return sql`
    with c as materialized (
      select json_extract(value, '$[0]') as no, json_extract(value, '$[1]') as lo, json_extract(value, '$[2]') as hi
      from json_each(${JSON.stringify(cells)})
    )
    select p.series_no, p.step, p.timestamp_ms, p.value, p.special from c cross join tracking_point p
    where p.series_no = c.no and p.step = ${first('q.step')} and p.timestamp_ms = ${first('q.timestamp_ms')}
    order by p.series_no, p.step, p.timestamp_ms, p.special, p.value
  `;
}

function firstInPostgres(cells: readonly Cell[]): CellRows {
  const column = (i: 0 | 1 | 2) => cells.map((cell) => cell[i]);
  return sql`
    select p.* from unnest(${column(0)}::integer[], ${column(1)}::bigint[], ${column(2)}::bigint[]) as c (no, lo, hi)
    cross join lateral (
      select q.series_no, q.step, q.timestamp_ms, q.value, q.special from tracking_point q
      where q.series_no = c.no and q.step >= c.lo and q.step < c.hi
      -- As the key is, where NaN comes after every number: a further column would be sorted for.
      order by q.step, q.timestamp_ms, q.value limit 1
    ) as p order by p.series_no, p.step
  `;
}
