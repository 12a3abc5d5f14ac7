import { type RawBuilder, sql } from 'kysely';
import type { Dialect, Reader } from '../../platform/db/index.js';
import {
  type Clause,
  checkSearch,
  compareNull,
  compareNumber,
  compareText,
  isBeyond,
  type Ordering,
  orderTerms,
  type Page,
  readPageToken,
  refuseSearch,
  type SearchRequest,
  type SortColumn,
  toPage,
} from '../../platform/search/index.js';
import type { ExperimentField } from './experiment-types.js';
import type { ExperimentHead } from './tracking-store.js';
import { type ExperimentRow, toExperimentHead } from './tracking-tables.sql.js';

const MAX_EXPERIMENTS_PER_PAGE = 50_000;

type Row = ExperimentRow & Readonly<Record<string, string | number>>;

/** One page of experiments; newest first when no order is asked for. */
export async function searchExperiments(
  reader: Reader,
  request: SearchRequest<ExperimentField>,
): Promise<Page<ExperimentHead>> {
  checkSearch(request, { maxLimit: MAX_EXPERIMENTS_PER_PAGE });
  const { dialect } = reader;
  const { where = [], lifecycle = 'active', limit, pageToken } = request;
  const orderBy = request.orderBy?.length ? request.orderBy : NEWEST;
  const search = { of: 'experiments', where, orderBy, lifecycle };
  const columns = [...orderBy.flatMap(columnsOf), ID];
  const conditions = where.map((clause) => conditionOf(dialect, clause));
  if (lifecycle !== 'all') conditions.push(sql<boolean>`e.lifecycle = ${lifecycle}`);
  if (pageToken !== undefined) {
    const kinds = columns.map(({ kind }) => kind);
    conditions.push(isBeyond(columns, readPageToken(search, pageToken, kinds), dialect));
  }
  const positions = columns.map(({ expression }, index) => sql`${expression} as ${sql.ref(`p${index}`)}`);
  const { rows } = await sql<Row>`
    select e.*, ${sql.join(positions)} from tracking_experiment e
    where ${conditions.length === 0 ? sql`1 = 1` : sql.join(conditions, sql` and `)}
    order by ${orderTerms(columns, dialect)} limit ${limit + 1}
  `.execute(reader.sql());
  const positionOf = (row: Row) => columns.map((_, index) => row[`p${index}`] as string | number);
  return toPage(rows, { limit, search, positionOf, toItem: toExperimentHead });
}

const NEWEST: readonly Ordering<ExperimentField>[] = [{ field: 'createdAt', direction: 'desc' }];
/** Ids are numbers of growing length: by number where they are ours, and older ids by their place. */
const ID: SortColumn = { expression: sql`e.no`, direction: 'asc', kind: 'number' };

const COLUMNS: Readonly<Record<Exclude<ExperimentField, 'tag'>, { column: string; kind: 'text' | 'number' }>> = {
  id: { column: 'e.id', kind: 'text' },
  name: { column: 'e.name', kind: 'text' },
  createdAt: { column: 'e.created_at_ms', kind: 'number' },
  updatedAt: { column: 'e.updated_at_ms', kind: 'number' },
};

function columnsOf({ field, key, direction }: Ordering<ExperimentField>): SortColumn[] {
  if (field === 'id') return [{ ...ID, direction }];
  if (field !== 'tag') {
    const { column, kind } = COLUMNS[field];
    return [{ expression: sql.ref(column), direction, kind }];
  }
  const value = sql`(select t.value from tracking_experiment_tag t where t.experiment_no = e.no and t.key = ${keyOf(key)})`;
  return [
    { expression: sql`case when ${value} is null then 1 else 0 end`, direction: 'asc', kind: 'number' },
    { expression: sql`coalesce(${value}, '')`, direction, kind: 'text' },
  ];
}

function conditionOf(dialect: Dialect, clause: Clause<ExperimentField>): RawBuilder<boolean> {
  if (clause.field !== 'tag') {
    const { column, kind } = COLUMNS[clause.field];
    return (kind === 'text' ? compareText : compareNumber)(dialect, sql.ref(column), clause);
  }
  const ofKey = sql`select 1 from tracking_experiment_tag t where t.experiment_no = e.no and t.key = ${keyOf(clause.key)}`;
  const onNull = compareNull(clause, sql`exists (${ofKey})`);
  if (onNull !== undefined) return onNull;
  const matches = compareText(dialect, sql`t.value`, clause);
  const found = sql<boolean>`exists (${ofKey} and ${matches})`;
  return clause.orMissing === true ? sql<boolean>`(${found} or not exists (${ofKey}))` : found;
}

function keyOf(key: string | undefined): string {
  return key ?? refuseSearch('a tag needs a key');
}
