import { type RawBuilder, sql } from 'kysely';
import type { Reader } from '../../platform/db/index.js';
import {
  type Clause,
  compareNumber,
  compareText,
  isBeyond,
  orderTerms,
  type Page,
  readPageToken,
  refuseSearch,
  type SearchRequest,
  type SortColumn,
  toPage,
} from '../../platform/search/index.js';
import type { ModelField, VersionField } from './catalogue/catalogue-types.js';
import type { StoredModel, StoredVersion } from './registry-store.js';
import {
  type ModelRow,
  type NamedVersionRow,
  type Tables,
  toModels,
  toVersions,
  versionQuery,
} from './registry-tables.sql.js';

interface Column<Row> extends Omit<SortColumn, 'direction'> {
  /** The same value as the expression's, of a row that was read. */
  readonly of: (row: Row) => string | number;
}

type Order<Row> = readonly (SortColumn & Column<Row>)[];

const MODEL_COLUMNS: Readonly<Record<Exclude<ModelField, 'tag'>, Column<ModelRow>>> = {
  name: { expression: sql.ref('m.name'), kind: 'text', of: (row) => row.name },
  createdAt: { expression: sql.ref('m.created_at_ms'), kind: 'number', of: (row) => row.created_at_ms },
  updatedAt: { expression: sql.ref('m.updated_at_ms'), kind: 'number', of: (row) => row.updated_at_ms },
};

const VERSION_COLUMNS: Readonly<Record<Exclude<VersionField, 'tag' | 'alias'>, Column<NamedVersionRow>>> = {
  name: { expression: sql.ref('m.name'), kind: 'text', of: (row) => row.model },
  version: { expression: sql.ref('v.version'), kind: 'number', of: (row) => row.version },
  runId: { expression: sql`coalesce(v.run_id, '')`, kind: 'text', of: (row) => row.run_id ?? '' },
  source: { expression: sql.ref('v.source'), kind: 'text', of: (row) => row.source },
  createdAt: { expression: sql.ref('v.created_at_ms'), kind: 'number', of: (row) => row.created_at_ms },
  updatedAt: { expression: sql.ref('v.updated_at_ms'), kind: 'number', of: (row) => row.updated_at_ms },
  stage: { expression: sql.ref('v.stage'), kind: 'text', of: (row) => row.stage },
};

/** By name where nothing else is asked. The id ends every order: it makes it total. */
export async function searchModels(reader: Reader, request: SearchRequest<ModelField>): Promise<Page<StoredModel>> {
  const order = [...orderOf<ModelField, ModelRow>(request, MODEL_COLUMNS, [['name', 'asc']]), lastly<ModelRow>('m.id')];
  const condition = conditionOf(reader, request, {
    order,
    lifecycle: lifecycleOf('m', request),
    compare: (clause) =>
      clause.field === 'tag'
        ? hasTag(reader, clause, { table: 'registry_model_tag', owner: 'model_id', of: 'm.id' })
        : compare(reader, clause, MODEL_COLUMNS[clause.field]),
  });
  const rows = await reader
    .sql<Tables & { m: ModelRow }>()
    .selectFrom('registry_model as m')
    .selectAll('m')
    .where(condition)
    .orderBy(orderTerms(order, reader.dialect))
    .limit(request.limit + 1)
    .execute();
  const models = new Map((await toModels(reader, rows)).map((model) => [model.id, model]));
  return pageOf(request, { order, rows }, ({ id }) => models.get(id) as StoredModel);
}

/** By name and then newest first where nothing else is asked. */
export async function searchVersions(
  reader: Reader,
  request: SearchRequest<VersionField>,
): Promise<Page<StoredVersion>> {
  const usual: [VersionField, 'asc' | 'desc'][] = [
    ['name', 'asc'],
    ['version', 'desc'],
  ];
  const order = [
    ...orderOf<VersionField, NamedVersionRow>(request, VERSION_COLUMNS, usual),
    lastly<NamedVersionRow>('v.id'),
  ];
  const condition = conditionOf(reader, request, {
    order,
    lifecycle: lifecycleOf('v', request),
    compare: (clause) => {
      if (clause.field === 'alias') return hasAlias(reader, clause);
      return clause.field === 'tag'
        ? hasTag(reader, clause, { table: 'registry_version_tag', owner: 'version_id', of: 'v.id' })
        : compare(reader, clause, VERSION_COLUMNS[clause.field]);
    },
  });
  const rows = await versionQuery(reader)
    .where(condition)
    .orderBy(orderTerms(order, reader.dialect))
    .limit(request.limit + 1)
    .execute();
  const versions = new Map((await toVersions(reader, rows)).map((version) => [version.id, version]));
  return pageOf(request, { order, rows }, ({ id }) => versions.get(id) as StoredVersion);
}

const lastly = <Row extends { id: string }>(id: string): SortColumn & Column<Row> => {
  return { expression: sql.ref(id), direction: 'asc', kind: 'text', of: (row) => row.id };
};

/** What is asked, then what of the usual order was not asked. */
function orderOf<Field extends string, Row>(
  { orderBy = [] }: SearchRequest<Field>,
  columns: Readonly<Partial<Record<Field, Column<Row>>>>,
  usual: readonly (readonly [Field, 'asc' | 'desc'])[],
): (SortColumn & Column<Row>)[] {
  const rest = usual.filter(([field]) => !orderBy.some((asked) => asked.field === field));
  return [...orderBy, ...rest.map(([field, direction]) => ({ field, direction }))].map(({ field, direction }) => {
    const column = columns[field] ?? refuseSearch(`nothing can be ordered by ${field}`);
    return { ...column, direction };
  });
}

function lifecycleOf(alias: string, { lifecycle = 'active' }: SearchRequest<string>): RawBuilder<boolean> {
  const deleted = sql.ref(`${alias}.deleted_at_ms`);
  if (lifecycle === 'all') return sql<boolean>`1 = 1`;
  return lifecycle === 'active' ? sql<boolean>`${deleted} is null` : sql<boolean>`${deleted} is not null`;
}

function conditionOf<Field extends string>(
  { dialect }: Reader,
  request: SearchRequest<Field>,
  parts: {
    order: readonly SortColumn[];
    lifecycle: RawBuilder<boolean>;
    compare: (clause: Clause<Field>) => RawBuilder<boolean>;
  },
): RawBuilder<boolean> {
  const { where = [], pageToken } = request;
  const conditions = [parts.lifecycle, ...where.map(parts.compare)];
  if (pageToken !== undefined) {
    const kinds = parts.order.map(({ kind }) => kind);
    conditions.push(isBeyond(parts.order, readPageToken(searchOf(request), pageToken, kinds), dialect));
  }
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

function compare(
  { dialect }: Reader,
  clause: Clause<string>,
  { expression, kind }: Omit<SortColumn, 'direction'>,
): RawBuilder<boolean> {
  return kind === 'text' ? compareText(dialect, expression, clause) : compareNumber(dialect, expression, clause);
}

function hasTag(
  { dialect }: Reader,
  clause: Clause<string>,
  { table, owner, of }: { table: string; owner: string; of: string },
): RawBuilder<boolean> {
  const { key } = clause;
  if (key === undefined) refuseSearch('a condition on a tag names its key');
  const tagged = sql`select 1 from ${sql.table(table)} as t where ${sql.ref(`t.${owner}`)} = ${sql.ref(of)} and t.key = ${key}`;
  const found = sql<boolean>`exists (${tagged} and ${compareText(dialect, sql.ref('t.value'), clause)})`;
  return clause.orMissing === true ? sql<boolean>`(not exists (${tagged}) or ${found})` : found;
}

function hasAlias({ dialect }: Reader, clause: Clause<string>): RawBuilder<boolean> {
  const condition = compareText(dialect, sql.ref('a.alias'), clause);
  return sql<boolean>`exists (select 1 from registry_alias as a where a.model_id = v.model_id and a.version = v.version and ${condition})`;
}

const searchOf = ({ where = [], orderBy = [], lifecycle = 'active' }: SearchRequest<string>) => ({
  where,
  orderBy,
  lifecycle,
});

function pageOf<Row, T>(
  request: SearchRequest<string>,
  { order, rows }: { order: Order<Row>; rows: readonly Row[] },
  toItem: (row: Row) => T,
): Page<T> {
  return toPage(rows, {
    limit: request.limit,
    search: searchOf(request),
    positionOf: (row) => order.map(({ of }) => of(row)),
    toItem,
  });
}
