import { type RawBuilder, sql } from 'kysely';
import type { Dialect } from '../../platform/db/index.js';
import { isBeyond, isOneOf, numberValue, orderTerms, type SortColumn } from '../../platform/search/index.js';
import { joinsOf } from './run-conditions.sql.js';
import { orderValues } from './run-reading.sql.js';
import type { RunQuery } from './run-walk.sql.js';

type Asked = Omit<RunQuery, 'experimentNos'>;

/** The runs of the named experiments, in the same statement that reads them; every run when none are named. */
function ofExperiments(dialect: Dialect, ids: readonly string[] | undefined): readonly RawBuilder<boolean>[] {
  return ids === undefined ? [] : [isIn(dialect, sql`r.experiment_no`, ids)];
}

function isIn(dialect: Dialect, expression: RawBuilder<unknown>, ids: readonly string[]): RawBuilder<boolean> {
  // A single value leaves both engines the order of an index behind it.
  if (ids.length === 1) return sql<boolean>`${expression} = (select no from tracking_experiment where id = ${ids[0]})`;
  const nos = sql`select no from tracking_experiment where ${isOneOf(dialect, sql`id`, ids)}`;
  return dialect === 'sqlite'
    ? sql<boolean>`${expression} in (${nos})`
    : sql<boolean>`${expression} = any(array(${nos}))`;
}

/** Everything that fulfils the conditions, sorted. */
export function sorted(dialect: Dialect, query: Asked, ids: readonly string[] | undefined): RawBuilder<unknown> {
  const conditions = [
    ...ofExperiments(dialect, ids),
    ...query.conditions,
    ...(query.position === null ? [] : [isBeyond(query.columns, query.position, dialect)]),
  ];
  return sql`select r.no, ${orderValues(query.columns)} from tracking_run r ${joinsOf(query.order)}
    where ${conditions.length === 0 ? sql`1 = 1` : sql.join(conditions, sql` and `)}
    order by ${orderTerms(query.columns, dialect)} limit ${query.rows}`;
}

/**
 * Entries of the index that are looked at, at most: the next power of two, so that a few statements serve pages of any size.
 * SQLite looks at all of them, as it sorts what it finds there; PostgreSQL at no more than it takes to fill the page.
 */
const entriesFor = (dialect: Dialect, rows: number): number =>
  2 ** Math.ceil(Math.log2(dialect === 'sqlite' ? 2 * rows + 50 : 10 * rows));

/**
 * The first runs of one experiment in the order of a metric, read along its index. When they fill a page they are the page;
 * when not, there may be more. Undefined when the order is another one, or the page begins behind the last number.
 */
export function firstByMetric(dialect: Dialect, query: Asked, experimentId: string): RawBuilder<unknown> | undefined {
  const metric = query.order[0]?.metric;
  if (metric === undefined || Number(query.position?.[0] ?? 0) !== 0) return undefined;
  const { key, direction } = metric;
  const begin = query.position === null ? undefined : numberValue(dialect, Number(query.position[1]));
  const [upTo, after, all] = (direction === 'asc' ? ['<=', '>=', '9e999'] : ['>=', '<=', '-9e999']).map((word) =>
    sql.raw(word),
  );
  const ofMetric = sql`${isIn(dialect, sql`s.experiment_no`, [experimentId])} and s.key = ${key} and s.special = 0
    ${begin === undefined ? sql`` : sql`and s.value ${after} ${begin}`}`;
  const inOrder = sql`order by s.value ${sql.raw(direction)}`;
  const entries = sql.lit(entriesFor(dialect, query.rows));
  const own: readonly SortColumn[] = [
    { expression: sql`s.value`, direction, kind: 'number' },
    ...query.columns.slice(2),
  ];
  const conditions = [
    ...query.conditions,
    ...(query.position === null ? [] : [isBeyond(own, query.position.slice(1), dialect)]),
  ];
  const entriesOf = (from: RawBuilder<unknown>, where: RawBuilder<unknown>) => sql`
    select r.no, ${orderValues([{ expression: sql.lit(0) }, ...own])}
    from ${from} cross join tracking_run r ${joinsOf(query.order.slice(1))}
    where ${sql.join([where, sql`r.no = s.run_no`, ...conditions], sql` and `)}`;
  // All that stand equal at the end belong to it: the rest of the order parts them. SQLite is told where the end is.
  if (dialect === 'sqlite') {
    const found = entriesOf(
      sql`tracking_series s`,
      sql`${ofMetric} and s.value ${upTo} coalesce((select s.value from tracking_series s where ${ofMetric} ${inOrder}
        limit 1 offset ${entries}), ${all})`,
    );
    return sql`${found} order by ${orderTerms(own, dialect)} limit ${query.rows}`;
  }
  // PostgreSQL stops when it has a page in the order of the index, and sorts that.
  const found = entriesOf(
    sql`(select s.run_no, s.value from tracking_series s where ${ofMetric} ${inOrder}
      fetch first ${entries} rows with ties) s`,
    sql`1 = 1`,
  );
  const values = own.map((column, index) => ({ ...column, expression: sql.ref(`f.p${index + 1}`) }));
  return sql`select f.* from (${found} ${inOrder} fetch first (${query.rows}::bigint) rows with ties) f
    order by ${orderTerms(values, dialect)} limit ${query.rows}`;
}
