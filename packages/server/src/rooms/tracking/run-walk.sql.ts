import { type RawBuilder, sql } from 'kysely';
import type { Dialect, Reader } from '../../platform/db/index.js';
import {
  type Clause,
  compareNumber,
  isBeyond,
  numberValue,
  orderTerms,
  type Position,
  type SortColumn,
} from '../../platform/search/index.js';
import { isOneOfNumbers, joinsOf, type OrderPart } from './run-conditions.sql.js';
import type { RunField } from './run-types.js';

/** A search of runs in SQL. */
export interface RunQuery {
  readonly where: readonly Clause<RunField>[];
  /** Those of the clauses and of the lifecycle, on `tracking_run r`. */
  readonly conditions: readonly RawBuilder<boolean>[];
  readonly order: readonly OrderPart[];
  /** The whole order: the columns of each part, and the id. */
  readonly columns: readonly SortColumn[];
  /** Where the page before ended, in those columns; null: this is the first page. */
  readonly position: Position | null;
  /** null: all. */
  readonly experimentNos: readonly number[] | null;
  /** How many are wanted at most. */
  readonly rows: number;
}

/** Runs in the order of a metric: those with a number, then those with NaN, then those that lack the key. */
const NUMBERS = 0;
const NANS = 1;
const MISSING = 2;

/**
 * How many entries of the index are looked at, at first and then once more, before the search is given to sorting: runs
 * that stand side by side in the order of a metric lie far apart in the other tables, so that testing a hundred thousand of
 * them in that order takes longer than finding all that fulfil the conditions in the order of the tables (SQLite: 0.5 s
 * to 0.05 s), and most searches fill a page from the first few hundred.
 */
const WINDOWS: readonly ((rows: number) => number)[] = [(rows) => 2 * rows + 200, (rows) => 8 * rows + 2000];

/**
 * The numbers of a page of runs whose order begins with a metric, read along the index of that metric instead of sorting
 * every run. Undefined when the order is another one, or when too few of the first runs fulfil the conditions.
 */
export async function walkByMetric(reader: Reader, query: RunQuery): Promise<number[] | undefined> {
  const metric = query.order[0]?.metric;
  if (metric === undefined) return undefined;
  const walk: Walk = { ...query, metric, nos: await experimentsOf(reader, query) };
  const start = Number(query.position?.[0] ?? NUMBERS);
  const found = start === NUMBERS ? await withNumber(reader, walk) : [];
  if (found === undefined) return undefined;
  for (const rank of [NANS, MISSING] as const) {
    if (rank < start || found.length === query.rows) continue;
    const rest = { ...walk, rows: query.rows - found.length, position: rank === start ? query.position : null };
    found.push(...(await withoutNumber(reader, rest, rank)));
  }
  return found;
}

interface Walk extends RunQuery {
  readonly metric: NonNullable<OrderPart['metric']>;
  readonly nos: readonly number[];
}

/** A page of them, or all when they are fewer; undefined when too many would have to be looked at. */
async function withNumber(reader: Reader, walk: Walk): Promise<number[] | undefined> {
  const { direction } = walk.metric;
  for (const entries of WINDOWS) {
    const edge = await edgeOf(reader, walk, entries(walk.rows));
    const nos = await readPart(reader, walk, {
      from: SERIES,
      where: [
        ...ofMetric(reader, walk, NUMBERS),
        ...(edge === null ? [] : [sql<boolean>`s.value ${UP_TO[direction]} ${edge}`]),
      ],
      columns: [{ expression: sql`s.value`, direction, kind: 'number' }, ...walk.columns.slice(2)],
      position: walk.position?.slice(1) ?? null,
    });
    if (nos.length === walk.rows || edge === null) return nos;
  }
  return undefined;
}

/** In the order of what follows the metric. */
function withoutNumber(reader: Reader, walk: Walk, rank: typeof NANS | typeof MISSING): Promise<number[]> {
  const rest = { columns: walk.columns.slice(2), position: walk.position?.slice(2) ?? null };
  if (rank === NANS) return readPart(reader, walk, { from: SERIES, where: ofMetric(reader, walk, NANS), ...rest });
  const lacks = sql<boolean>`not exists (select 1 from tracking_series s where s.run_no = r.no and s.key = ${walk.metric.key})`;
  const where = [isOneOfNumbers(reader.dialect, sql`r.experiment_no`, walk.nos), lacks];
  return readPart(reader, walk, { from: 'tracking_run r', where, ...rest });
}

/** SQLite reads the tables of a cross join in the order they stand in. */
const SERIES = 'tracking_series s cross join tracking_run r';
const UP_TO = { asc: sql.raw('<='), desc: sql.raw('>=') } as const;

function ofMetric(reader: Reader, { metric, nos }: Walk, special: typeof NUMBERS | typeof NANS): RawBuilder<boolean>[] {
  return [
    isOneOfNumbers(reader.dialect, sql`s.experiment_no`, nos),
    sql<boolean>`s.key = ${metric.key} and s.special = ${sql.lit(special)}`,
    sql<boolean>`r.no = s.run_no`,
  ];
}

interface Part {
  readonly from: string;
  readonly where: readonly RawBuilder<boolean>[];
  readonly columns: readonly SortColumn[];
  readonly position: Position | null;
}

async function readPart(reader: Reader, walk: Walk, { from, where, columns, position }: Part): Promise<number[]> {
  const { dialect } = reader;
  const conditions = [
    ...where,
    ...walk.conditions,
    ...(position === null ? [] : [isBeyond(columns, position, dialect)]),
  ];
  const { rows } = await sql<{ no: number }>`
    select r.no from ${sql.raw(from)} ${joinsOf(walk.order.slice(1))} where ${sql.join(conditions, sql` and `)}
    order by ${orderTerms(columns, dialect)} limit ${walk.rows}
  `.execute(reader.sql());
  return rows.map(({ no }) => no);
}

/**
 * A value such that no experiment has more than so many entries up to it: all of them together are a beginning of the
 * order. Null when that is all there is.
 */
async function edgeOf(reader: Reader, walk: Walk, entries: number): Promise<RawBuilder<number> | null> {
  const { dialect } = reader;
  const { metric, nos, position } = walk;
  const begin = position === null ? null : numberValue(dialect, Number(position[1]));
  const isAfter =
    begin === null ? sql`1 = 1` : sql`s.value ${UP_TO[metric.direction === 'asc' ? 'desc' : 'asc']} ${begin}`;
  const { rows } = await sql<{ edge: number | null }>`
    select ${sql.raw(metric.direction === 'asc' ? 'min' : 'max')}(edge) as edge from (
      select (select s.value from tracking_series s where s.experiment_no = x.value and s.key = ${metric.key}
        and s.special = 0 and ${isAfter} order by s.value ${sql.raw(metric.direction)}
        limit 1 offset ${sql.lit(entries)}) as edge from ${rowsOf(dialect, nos)}
    ) as edges
  `.execute(reader.sql());
  const edge = rows[0]?.edge ?? null;
  return edge === null ? null : numberValue(dialect, edge);
}

function rowsOf(dialect: Dialect, nos: readonly number[]): RawBuilder<unknown> {
  return dialect === 'sqlite'
    ? sql`json_each(${JSON.stringify(nos)}) x`
    : sql`unnest(${[...nos]}::bigint[]) as x (value)`;
}

/** So many runs are looked up one by one rather than that every run is asked for its metric. */
const FEW = 2000;

/** The runs that fulfil a condition on a metric, when they are few: its index knows. Undefined: they are not, or there is none. */
export async function fewRunsByMetric(reader: Reader, query: RunQuery): Promise<number[] | undefined> {
  const { dialect } = reader;
  const clauses = query.where.filter(({ field, comparison, orMissing }) => {
    return field === 'metric' && orMissing !== true && !['!=', 'not-in', 'is-null', 'is-not-null'].includes(comparison);
  });
  if (clauses.length === 0) return undefined;
  const nos = await experimentsOf(reader, query);
  for (const clause of clauses) {
    const found = sql`from tracking_series s where ${isOneOfNumbers(dialect, sql`s.experiment_no`, nos)}
      and s.key = ${clause.key} and s.special = 0 and ${compareNumber(dialect, sql`s.value`, clause)}`;
    const counted = await sql<{ n: number }>`
      select count(*) as n from (select 1 ${found} limit ${sql.lit(FEW + 1)}) as capped`.execute(reader.sql());
    if ((counted.rows[0]?.n ?? 0) > FEW) continue;
    const { rows } = await sql<{ no: number }>`select s.run_no as no ${found}`.execute(reader.sql());
    return rows.map(({ no }) => no);
  }
  return undefined;
}

async function experimentsOf(reader: Reader, { experimentNos }: RunQuery): Promise<readonly number[]> {
  if (experimentNos !== null) return experimentNos;
  const { rows } = await sql<{ no: number }>`select no from tracking_experiment`.execute(reader.sql());
  return rows.map(({ no }) => no);
}
