import { type RawBuilder, sql } from 'kysely';
import type { Dialect } from '../../platform/db/index.js';
import {
  type Clause,
  compareNull,
  compareNumber,
  compareText,
  type Ordering,
  refuseSearch,
  type SortColumn,
} from '../../platform/search/index.js';
import { CONTEXT_TAG } from './inputs/input-rules.js';
import type { RunField } from './run-types.js';

type Column = Exclude<RunField, 'metric' | 'param' | 'tag' | `dataset.${string}`>;

/** Not joined: PostgreSQL sorts below a join, and so everything instead of the first hundred. */
const EXPERIMENT_ROOT = '(select e.artifact_root from tracking_experiment e where e.no = r.experiment_no)';

const COLUMNS: Readonly<Record<Column, { readonly expression: string; readonly kind: 'text' | 'number' }>> = {
  id: { expression: 'r.id', kind: 'text' },
  name: { expression: 'r.name', kind: 'text' },
  status: { expression: 'r.status', kind: 'text' },
  userName: { expression: 'r.user_name', kind: 'text' },
  artifactRoot: { expression: `(${EXPERIMENT_ROOT} || '/' || r.id || '/artifacts')`, kind: 'text' },
  startedAt: { expression: 'r.started_at_ms', kind: 'number' },
  endedAt: { expression: 'r.ended_at_ms', kind: 'number' },
  group: { expression: 'r.run_group', kind: 'text' },
  parent: { expression: 'r.parent_run_id', kind: 'text' },
  lifecycle: { expression: 'r.lifecycle', kind: 'text' },
};
const NULLABLE: readonly RunField[] = ['endedAt', 'group', 'parent'];

/** A clause as a condition on `tracking_run r`. Throws SEARCH_INVALID. */
export function runCondition(dialect: Dialect, clause: Clause<RunField>): RawBuilder<boolean> {
  const { field } = clause;
  if (field in COLUMNS) {
    const { expression, kind } = COLUMNS[field as Column];
    const column = sql.raw(expression);
    const onNull = compareNull(clause, sql`(${column} is not null)`);
    if (onNull !== undefined) return onNull;
    const found = (kind === 'text' ? compareText : compareNumber)(dialect, column, clause);
    return clause.orMissing === true ? sql<boolean>`(${found} or ${column} is null)` : found;
  }
  const { from, matches } = related(dialect, clause);
  const onNull = compareNull(clause, sql`exists (select 1 ${from})`);
  if (onNull !== undefined) return onNull;
  const found = sql<boolean>`exists (select 1 ${from} and ${matches()})`;
  return clause.orMissing === true ? sql<boolean>`(${found} or not exists (select 1 ${from}))` : found;
}

function related(
  dialect: Dialect,
  clause: Clause<RunField>,
): { from: RawBuilder<unknown>; matches: () => RawBuilder<boolean> } {
  const { field } = clause;
  if (field === 'metric') {
    const from = sql`from tracking_series m where m.run_no = r.no and m.key = ${keyOf(clause)}`;
    const matches = () => {
      const compared = compareNumber(dialect, sql`m.value`, clause);
      // NaN equals no number, so it is only found by what asks for the others.
      const negated = clause.comparison === '!=' || clause.comparison === 'not-in';
      return negated ? sql<boolean>`(m.special = 1 or ${compared})` : sql<boolean>`m.special = 0 and ${compared}`;
    };
    return { from, matches };
  }
  if (field === 'param' || field === 'tag') {
    const table = sql.raw(`tracking_${field}`);
    return {
      from: sql`from ${table} t where t.run_no = r.no and t.key = ${keyOf(clause)}`,
      matches: () => compareText(dialect, sql`t.value`, clause),
    };
  }
  const ofRun = sql`from tracking_input i join tracking_dataset d on d.no = i.dataset_no`;
  if (field === 'dataset.context') {
    return {
      from: sql`${ofRun} join tracking_input_tag c on c.run_id = i.run_id and c.dataset_no = i.dataset_no
        and c.key = ${CONTEXT_TAG} where i.run_id = r.id`,
      matches: () => compareText(dialect, sql`c.value`, clause),
    };
  }
  const column = field === 'dataset.name' ? sql`d.name` : sql`d.digest`;
  return { from: sql`${ofRun} where i.run_id = r.id`, matches: () => compareText(dialect, column, clause) };
}

/** One key of the order: its columns, and the join that they need. */
export interface OrderPart {
  readonly columns: readonly SortColumn[];
  readonly join: RawBuilder<unknown> | null;
  /** What it is the order of, when an index has it. */
  readonly metric?: { readonly key: string; readonly direction: 'asc' | 'desc' };
}

export function joinsOf(order: readonly OrderPart[]): RawBuilder<unknown> {
  return sql.join(
    order.flatMap(({ join }) => join ?? []),
    sql` `,
  );
}

/** True for one of any number of numbers of rows, as one parameter. */
export function isOneOfNumbers(
  dialect: Dialect,
  expression: RawBuilder<unknown>,
  nos: readonly number[],
): RawBuilder<boolean> {
  if (nos.length === 1) return sql<boolean>`${expression} = ${nos[0]}`;
  return dialect === 'sqlite'
    ? sql<boolean>`${expression} in (select value from json_each(${JSON.stringify(nos)}))`
    : sql<boolean>`${expression} = any(${[...nos]}::bigint[])`;
}

/** The `index`-th key of the order. What is missing comes last, NaN before it, whatever the direction. Throws SEARCH_INVALID. */
export function runOrder(ordering: Ordering<RunField>, index: number): OrderPart {
  const { field, direction } = ordering;
  if (field in COLUMNS) {
    const { expression, kind } = COLUMNS[field as Column];
    if (!NULLABLE.includes(field))
      return { columns: [{ expression: sql.raw(expression), direction, kind }], join: null };
    return { columns: [missing(expression), filled(expression, { direction, kind })], join: null };
  }
  const alias = `o${index}`;
  if (field === 'metric') {
    const rank = sql.raw(`case when ${alias}.value is null then 2 else ${alias}.special end`);
    return {
      columns: [
        { expression: rank, direction: 'asc', kind: 'number' },
        {
          expression: sql.raw(`case when ${alias}.special = 0 then ${alias}.value else 0 end`),
          direction,
          kind: 'number',
        },
      ],
      join: sql`left join tracking_series ${sql.ref(alias)} on ${sql.ref(`${alias}.run_no`)} = r.no
        and ${sql.ref(`${alias}.key`)} = ${keyOf(ordering)}`,
      metric: { key: keyOf(ordering), direction },
    };
  }
  if (field === 'param' || field === 'tag') {
    const value = `${alias}.value`;
    return {
      columns: [missing(value), filled(value, { direction, kind: 'text' })],
      join: sql`left join ${sql.raw(`tracking_${field}`)} ${sql.ref(alias)} on ${sql.ref(`${alias}.run_no`)} = r.no
        and ${sql.ref(`${alias}.key`)} = ${keyOf(ordering)}`,
    };
  }
  return refuseSearch(`runs cannot be ordered by ${field}: a run has any number of them`);
}

function missing(column: string): SortColumn {
  return { expression: sql.raw(`case when ${column} is null then 1 else 0 end`), direction: 'asc', kind: 'number' };
}

function filled(column: string, { direction, kind }: Omit<SortColumn, 'expression'>): SortColumn {
  const empty = kind === 'text' ? `''` : '0';
  return { expression: sql.raw(`coalesce(${column}, ${empty})`), direction, kind };
}

function keyOf({ field, key }: { field: string; key?: string }): string {
  return key ?? refuseSearch(`a ${field} needs a key`);
}
