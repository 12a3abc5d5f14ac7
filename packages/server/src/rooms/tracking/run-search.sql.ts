import { type RawBuilder, sql } from 'kysely';
import type { Reader } from '../../platform/db/index.js';
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
import { runCondition, runOrder } from './run-conditions.sql.js';
import { HEAD, type HeadRow, RUN_TABLES, toHead, toRuns } from './run-heads.sql.js';
import type { Run, RunField, RunSearch } from './run-types.js';
import type { RunHead } from './tracking-store.js';

const MAX_RUNS_PER_PAGE = 50_000;

const NEWEST: readonly Ordering<RunField>[] = [{ field: 'startedAt', direction: 'desc' }];
const ID: SortColumn = { expression: sql`r.id`, direction: 'asc', kind: 'text' };

/** One page of runs in a total order that a token continues; newest first when no order is asked for. */
export async function searchRuns(reader: Reader, request: RunSearch): Promise<Page<Run>> {
  checkSearch(request, { maxLimit: MAX_RUNS_PER_PAGE });
  const { dialect } = reader;
  const { where = [], lifecycle = 'active', limit, pageToken, experimentIds } = request;
  const orderBy = request.orderBy?.length ? request.orderBy : NEWEST;
  const search = { of: 'runs', where, orderBy, lifecycle, experimentIds };
  const order = orderBy.map(runOrder);
  const columns = [...order.flatMap((part) => part.columns), ID];
  const conditions = where.map((clause) => runCondition(dialect, clause));
  if (lifecycle !== 'all') conditions.push(sql<boolean>`r.lifecycle = ${lifecycle}`);
  if (experimentIds !== undefined) conditions.push(await inExperiments(reader, experimentIds));
  if (pageToken !== undefined) {
    const kinds = columns.map(({ kind }) => kind);
    conditions.push(isBeyond(columns, readPageToken(search, pageToken, kinds), dialect));
  }
  const joins = sql.join(
    order.flatMap(({ join }) => join ?? []),
    sql` `,
  );
  const { rows } = await sql<HeadRow>`
    select ${sql.raw(HEAD[dialect])} from ${sql.raw(RUN_TABLES)} ${joins}
    where ${conditions.length === 0 ? sql`1 = 1` : sql.join(conditions, sql` and `)}
    order by ${orderTerms(columns, dialect)} limit ${limit + 1}
  `.execute(reader.sql());
  const heads = rows.slice(0, limit).map(toHead);
  const last = rows.length > limit ? heads.at(-1) : undefined;
  return {
    items: await toRuns(reader, heads, request.parts),
    nextPageToken:
      last === undefined ? null : writePageToken(search, await positionOf(reader, { columns, joins, last })),
  };
}

/** Read for the one run that a page ends at: in every row the sort values would cost more than the runs. */
async function positionOf(
  reader: Reader,
  { columns, joins, last }: { columns: readonly SortColumn[]; joins: RawBuilder<unknown>; last: RunHead },
): Promise<Position> {
  const values = columns.map(({ expression }, index) => sql`${expression} as ${sql.ref(`p${index}`)}`);
  const { rows } = await sql<Readonly<Record<string, string | number>>>`
    select ${sql.join(values)} from ${sql.raw(RUN_TABLES)} ${joins} where r.no = ${last.no}
  `.execute(reader.sql());
  return columns.map((_, index) => rows[0]?.[`p${index}`] ?? '');
}

/** Experiments that are not there have no runs. */
async function inExperiments(reader: Reader, ids: readonly string[]): Promise<RawBuilder<boolean>> {
  const { rows } = await sql<{ no: number }>`
    select no from tracking_experiment where ${isOneOf(reader.dialect, sql`id`, ids)}
  `.execute(reader.sql());
  const nos = rows.map(({ no }) => no);
  if (nos.length === 1) return sql<boolean>`r.experiment_no = ${nos[0]}`;
  return reader.dialect === 'sqlite'
    ? sql<boolean>`r.experiment_no in (select value from json_each(${JSON.stringify(nos)}))`
    : sql<boolean>`r.experiment_no = any(${nos}::bigint[])`;
}
