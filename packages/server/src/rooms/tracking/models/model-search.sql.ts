import { type RawBuilder, sql } from 'kysely';
import type { Dialect, Reader } from '../../../platform/db/index.js';
import {
  type Clause,
  checkSearch,
  compareNumber,
  compareText,
  isBeyond,
  isOneOf,
  orderTerms,
  type Page,
  readPageToken,
  refuseSearch,
  type SortColumn,
  toPage,
} from '../../../platform/search/index.js';
import type { LoggedModel, LoggedModelField, LoggedModelOrdering, LoggedModelSearch } from '../logged-model-types.js';
import { toModels } from './model-facts.sql.js';
import { type ModelRow, modelTables } from './model-tables.sql.js';

const MAX_MODELS_PER_PAGE = 10_000;

type Column = Exclude<LoggedModelField, 'metric' | 'param' | 'tag'>;
type Datasets = NonNullable<LoggedModelSearch['datasets']>;
type Row = ModelRow & Readonly<Record<string, string | number>>;

const COLUMNS: Readonly<Record<Column, { readonly expression: string; readonly kind: 'text' | 'number' }>> = {
  name: { expression: 'm.name', kind: 'text' },
  id: { expression: 'm.id', kind: 'text' },
  status: { expression: 'm.status', kind: 'text' },
  modelType: { expression: 'm.model_type', kind: 'text' },
  sourceRunId: { expression: 'm.source_run_id', kind: 'text' },
  createdAt: { expression: 'm.created_at_ms', kind: 'number' },
  updatedAt: { expression: 'm.updated_at_ms', kind: 'number' },
  experimentId: { expression: 'm.experiment_id', kind: 'text' },
};
const NEWEST: LoggedModelOrdering = { field: 'createdAt', direction: 'desc' };
const ID: SortColumn = { expression: sql`m.id`, direction: 'asc', kind: 'text' };

/** One page of logged models in a total order that a token continues; newest first among equals. */
export async function searchModels(reader: Reader, request: LoggedModelSearch): Promise<Page<LoggedModel>> {
  const { where = [], lifecycle = 'active', limit, pageToken, experimentIds, datasets } = request;
  checkSearch({ ...request, orderBy: (request.orderBy ?? []).map(apart) }, { maxLimit: MAX_MODELS_PER_PAGE });
  const { dialect } = reader;
  const orderBy = [...(request.orderBy ?? [])];
  if (!orderBy.some(({ field }) => field === 'createdAt')) orderBy.push(NEWEST);
  const search = { of: 'logged-models', where, orderBy, lifecycle, experimentIds, datasets };
  const order = orderBy.map((ordering, index) => modelOrder(ordering, { index, datasets }));
  const columns = [...order.flatMap((part) => part.columns), ID];
  const conditions = [
    isOneOf(dialect, sql`m.experiment_id`, experimentIds),
    ...where.map((clause) => modelCondition(dialect, clause, datasets)),
  ];
  if (datasets !== undefined && datasets.length > 0 && !where.some(({ field }) => field === 'metric')) {
    conditions.push(
      sql<boolean>`exists (select 1 from tracking_model_metric x where x.model_no = m.no and ${onDatasets('x', datasets)})`,
    );
  }
  if (lifecycle !== 'all') conditions.push(sql<boolean>`m.lifecycle = ${lifecycle}`);
  if (pageToken !== undefined) {
    const kinds = columns.map(({ kind }) => kind);
    conditions.push(isBeyond(columns, readPageToken(search, pageToken, kinds), dialect));
  }
  const positions = columns.map(({ expression }, index) => sql`${expression} as ${sql.ref(`p${index}`)}`);
  const joins = order.flatMap(({ join }) => join ?? []);
  const { rows } = await sql<Row>`
    select m.*, ${sql.join(positions)} from tracking_logged_model m ${sql.join(joins, sql` `)}
    where ${sql.join(conditions, sql` and `)} order by ${orderTerms(columns, dialect)} limit ${limit + 1}
  `.execute(modelTables(reader));
  const positionOf = (row: Row) => columns.map((_, index) => row[`p${index}`] as string | number);
  const page = toPage(rows, { limit, search, positionOf, toItem: (row) => row });
  return { ...page, items: await toModels(reader, page.items) };
}

/** One metric on two datasets makes two keys of an order. */
function apart({ dataset, ...ordering }: LoggedModelOrdering) {
  return dataset === undefined ? ordering : { ...ordering, key: JSON.stringify([ordering.key, dataset]).slice(0, 500) };
}

function modelCondition(
  dialect: Dialect,
  clause: Clause<LoggedModelField>,
  datasets: Datasets | undefined,
): RawBuilder<boolean> {
  const { field } = clause;
  if (field in COLUMNS) {
    const { expression, kind } = COLUMNS[field as Column];
    const column = sql.raw(expression);
    const found = (kind === 'text' ? compareText : compareNumber)(dialect, column, clause);
    return clause.orMissing === true ? sql<boolean>`(${found} or ${column} is null)` : found;
  }
  const { from, matches } = related(dialect, clause, datasets);
  const found = sql<boolean>`exists (select 1 ${from} and ${matches})`;
  return clause.orMissing === true ? sql<boolean>`(${found} or not exists (select 1 ${from}))` : found;
}

function related(
  dialect: Dialect,
  clause: Clause<LoggedModelField>,
  datasets: Datasets | undefined,
): { from: RawBuilder<unknown>; matches: RawBuilder<boolean> } {
  if (clause.field !== 'metric') {
    const table = sql.raw(`tracking_logged_model_${clause.field}`);
    return {
      from: sql`from ${table} x where x.model_no = m.no and x.key = ${keyOf(clause)}`,
      matches: compareText(dialect, sql`x.value`, clause),
    };
  }
  const compared = compareNumber(dialect, sql`x.value`, clause);
  // NaN equals no number, so it is only found by what asks for the others.
  const negated = clause.comparison === '!=' || clause.comparison === 'not-in';
  return {
    from: sql`from tracking_model_metric x where x.model_no = m.no and x.key = ${keyOf(clause)}
      and ${onDatasets('x', datasets)}`,
    matches: negated ? sql<boolean>`(x.special = 1 or ${compared})` : sql<boolean>`x.special = 0 and ${compared}`,
  };
}

function onDatasets(alias: string, datasets: Datasets | undefined): RawBuilder<boolean> {
  if (datasets === undefined || datasets.length === 0) return sql<boolean>`1 = 1`;
  const column = (name: string) => sql.ref(`${alias}.${name}`);
  const ones = datasets.map(({ name, digest }) =>
    digest === undefined
      ? sql<boolean>`${column('dataset_name')} = ${name}`
      : sql<boolean>`(${column('dataset_name')} = ${name} and ${column('dataset_digest')} = ${digest})`,
  );
  return sql<boolean>`(${sql.join(ones, sql` or `)})`;
}

interface OrderPart {
  readonly columns: readonly SortColumn[];
  readonly join: RawBuilder<unknown> | null;
}

/** The `index`-th key of the order. What is missing comes last, NaN before it, whatever the direction. Throws SEARCH_INVALID. */
function modelOrder(
  ordering: LoggedModelOrdering,
  { index, datasets }: { index: number; datasets: Datasets | undefined },
): OrderPart {
  const { field, direction, dataset } = ordering;
  if (field !== 'metric' && dataset !== undefined) refuseSearch(`${field} is not measured on a dataset`);
  if (field in COLUMNS) {
    const { expression, kind } = COLUMNS[field as Column];
    return field === 'sourceRunId'
      ? { columns: [missing(expression), filled(expression, direction)], join: null }
      : { columns: [{ expression: sql.raw(expression), direction, kind }], join: null };
  }
  const alias = `o${index}`;
  if (field !== 'metric') {
    const table = sql.raw(`tracking_logged_model_${field}`);
    return {
      columns: [missing(`${alias}.value`), filled(`${alias}.value`, direction)],
      join: sql`left join ${table} ${sql.ref(alias)} on ${sql.ref(`${alias}.model_no`)} = m.no
        and ${sql.ref(`${alias}.key`)} = ${keyOf(ordering)}`,
    };
  }
  const rank = sql.raw(`case when ${alias}.value is null then 2 else ${alias}.special end`);
  const value = sql.raw(`case when ${alias}.special = 0 then ${alias}.value else 0 end`);
  return {
    columns: [
      { expression: rank, direction: 'asc', kind: 'number' },
      { expression: value, direction, kind: 'number' },
    ],
    join: sql`left join (select x.model_no, x.value, x.special, row_number() over (
        partition by x.model_no order by x.timestamp_ms desc, x.step desc, x.run_id asc, x.dataset_name, x.dataset_digest,
          x.special desc, x.value desc) as place
      from tracking_model_metric x where x.key = ${keyOf(ordering)}
        and ${onDatasets('x', dataset === undefined ? datasets : [dataset])}) ${sql.ref(alias)}
      on ${sql.ref(`${alias}.model_no`)} = m.no and ${sql.ref(`${alias}.place`)} = 1`,
  };
}

function missing(column: string): SortColumn {
  return { expression: sql.raw(`case when ${column} is null then 1 else 0 end`), direction: 'asc', kind: 'number' };
}

function filled(column: string, direction: 'asc' | 'desc'): SortColumn {
  return { expression: sql.raw(`coalesce(${column}, '')`), direction, kind: 'text' };
}

function keyOf({ field, key }: { field: string; key?: string }): string {
  return key ?? refuseSearch(`a ${field} needs a key`);
}
