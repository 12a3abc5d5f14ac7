import { type RawBuilder, sql } from 'kysely';
import { type Reader, rawQuery } from '../../platform/db/index.js';
import {
  checkSearch,
  isBeyond,
  isOneOf,
  type Ordering,
  orderTerms,
  type Page,
  type Position,
  readPageToken,
  type SortColumn,
  writePageToken,
} from '../../platform/search/index.js';
import { isOneOfNumbers, joinsOf, runCondition, runOrder } from './run-conditions.sql.js';
import { type RunPage, type RunsAs, readPage, runsByNo } from './run-reading.sql.js';
import type { Run, RunField, RunPart, RunSearch } from './run-types.js';
import { fewRunsByMetric, type RunQuery, walkByMetric } from './run-walk.sql.js';
import { firstByMetric, sorted } from './run-window.sql.js';

const MAX_RUNS_PER_PAGE = 50_000;

const NEWEST: readonly Ordering<RunField>[] = [{ field: 'startedAt', direction: 'desc' }];
const EVERY_PART: readonly RunPart[] = ['params', 'tags', 'metrics'];
const ID: SortColumn = { expression: sql`r.id`, direction: 'asc', kind: 'text' };

/** One page of runs in a total order that a token continues; newest first when no order is asked for. */
export async function searchRuns<T>(reader: Reader, request: RunSearch, as: (run: Run) => T): Promise<Page<T>> {
  checkSearch(request, { maxLimit: MAX_RUNS_PER_PAGE });
  const { where = [], lifecycle = 'active', limit, pageToken, experimentIds } = request;
  const orderBy = request.orderBy?.length ? request.orderBy : NEWEST;
  const search = { of: 'runs', where, orderBy, lifecycle, experimentIds };
  const order = orderBy.map(runOrder);
  const columns = [...order.flatMap((part) => part.columns), ID];
  const conditions = where.map((clause) => runCondition(reader.dialect, clause));
  if (lifecycle !== 'all') conditions.push(sql<boolean>`r.lifecycle = ${lifecycle}`);
  const kinds = columns.map(({ kind }) => kind);
  const query = {
    where,
    conditions,
    order,
    columns,
    position: pageToken === undefined ? null : readPageToken(search, pageToken, kinds),
    rows: limit + 1,
  };
  if (experimentIds?.length === 0) return { items: [], nextPageToken: null };
  const reading = { parts: request.parts ?? EVERY_PART, links: request.links === true, as };
  const page =
    (await pageAtOnce(reader, query, request, reading)) ?? (await pageByNumbers(reader, query, request, reading));
  return {
    items: page.runs,
    nextPageToken: page.position === null ? null : writePageToken(search, page.position),
  };
}

type Wanted = Pick<RunSearch, 'experimentIds' | 'limit'>;

/** By one statement, which is most searches; undefined when that would look at too many runs. */
async function pageAtOnce<T>(
  reader: Reader,
  query: Omit<RunQuery, 'experimentNos'>,
  { experimentIds, limit }: Wanted,
  reading: RunsAs<T>,
): Promise<RunPage<T> | undefined> {
  const { columns, where } = query;
  const read = (select: RawBuilder<unknown>) => readPage(reader, { select, columns, limit }, reading);
  const everything = () => read(sorted(reader.dialect, query, experimentIds));
  if (query.order[0]?.metric === undefined) {
    return where.some(({ field }) => field === 'metric') ? undefined : everything();
  }
  const [only, ...others] = experimentIds ?? [];
  if (only === undefined || others.length > 0) return undefined;
  const select = firstByMetric(reader.dialect, query, only);
  const first = select === undefined ? undefined : await read(select);
  if (first !== undefined && first.position !== null) return first;
  return (await isSmall(reader, only)) ? everything() : undefined;
}

/** So many runs are sorted sooner than it is found out which of them it could be. */
const SMALL = 1000;

async function isSmall(reader: Reader, experimentId: string): Promise<boolean> {
  const text = `select count(*) as n from (select 1 from tracking_run r
    where r.experiment_no = (select no from tracking_experiment where id = ?) limit ${SMALL + 1}) as capped`;
  const [row] = await rawQuery<{ n: number }>(reader, text, [experimentId]);
  return (row?.n ?? 0) <= SMALL;
}

/** What it takes to find few among many: several statements that look at indexes first. */
async function pageByNumbers<T>(
  reader: Reader,
  given: Omit<RunQuery, 'experimentNos'>,
  { experimentIds, limit }: Wanted,
  reading: RunsAs<T>,
): Promise<RunPage<T>> {
  const query = {
    ...given,
    experimentNos: experimentIds === undefined ? null : await experimentNos(reader, experimentIds),
  };
  const few = await fewRunsByMetric(reader, query);
  const nos = (few === undefined && (await walkByMetric(reader, query))) || (await sortRuns(reader, query, few));
  const last = nos.length > limit ? nos[limit - 1] : undefined;
  return {
    runs: await runsByNo(reader, nos.slice(0, limit), reading),
    position: last === undefined ? null : await positionOf(reader, query, last),
  };
}

/**
 * Finds what fulfils the conditions, among a few runs if it is known that it can only be those, and sorts it. Only numbers:
 * what else a run has, the rows of a page alone need.
 */
async function sortRuns(reader: Reader, query: RunQuery, few: readonly number[] | undefined): Promise<number[]> {
  const { dialect } = reader;
  const { columns, position, experimentNos: nos } = query;
  if (few?.length === 0 || nos?.length === 0) return [];
  // The plus keeps SQLite from going through an experiment when the few are known.
  const ofExperiment = few === undefined ? sql`r.experiment_no` : sql`+r.experiment_no`;
  const conditions = [
    ...query.conditions,
    ...(few === undefined ? [] : [isOneOfNumbers(dialect, sql`r.no`, few)]),
    ...(nos === null ? [] : [isOneOfNumbers(dialect, ofExperiment, nos)]),
    ...(position === null ? [] : [isBeyond(columns, position, dialect)]),
  ];
  const { rows } = await sql<{ no: number }>`
    select r.no from tracking_run r ${joinsOf(query.order)}
    where ${conditions.length === 0 ? sql`1 = 1` : sql.join(conditions, sql` and `)}
    order by ${orderTerms(columns, dialect)} limit ${query.rows}
  `.execute(reader.sql());
  return rows.map(({ no }) => no);
}

/** Read for the one run that a page ends at: in every row the sort values would cost more than the runs. */
async function positionOf(reader: Reader, query: RunQuery, no: number): Promise<Position> {
  const values = query.columns.map(({ expression }, index) => sql`${expression} as ${sql.ref(`p${index}`)}`);
  const { rows } = await sql<Readonly<Record<string, string | number>>>`
    select ${sql.join(values)} from tracking_run r ${joinsOf(query.order)} where r.no = ${no}
  `.execute(reader.sql());
  return query.columns.map((_, index) => rows[0]?.[`p${index}`] ?? '');
}

/** Experiments that are not there have no runs. */
async function experimentNos(reader: Reader, ids: readonly string[]): Promise<number[]> {
  const { rows } = await sql<{ no: number }>`
    select no from tracking_experiment where ${isOneOf(reader.dialect, sql`id`, ids)}
  `.execute(reader.sql());
  return rows.map(({ no }) => no);
}
