import { cellAt, columnOf, type Table } from '@fairlead/frame';
import { messageOf } from '@fairlead/kernel';
import type { LakeSession } from '../../platform/lake/index.js';
import { id, logicalType, SQL_TYPE } from './cell-sql-rules.js';
import { dataErrors } from './data-errors.js';
import type { ColumnType } from './data-types.js';
import { judgeSyntax } from './sql-syntax-rules.js';

export interface Expression {
  /** Where it stands, for example `source.where`; named in every error. */
  readonly key: string;
  readonly sql: string;
}

export type Scope = readonly { readonly name: string; readonly type: ColumnType }[];

/** Parses an expression and returns the columns it speaks of. @throws DATA_EXPRESSION_INVALID */
export async function parseExpression(lake: LakeSession, { key, sql }: Expression): Promise<readonly string[]> {
  const statement = `select (${sql}\n)`;
  const parsed = await lake.query('select json_serialize_sql(?::varchar) as tree', [statement]);
  const functions = await lake.query(
    `select distinct lower(function_name) as name from duckdb_functions() where stability in ('VOLATILE', 'CONSISTENT_WITHIN_QUERY')`,
  );
  const tree = readTree(String(cellAt(columnOf(parsed, 'tree'), 0)));
  if (tree === undefined) throw invalid(key, sql, 'it holds a number beyond what a column can hold');
  const verdict = judgeSyntax(tree, new Set(texts(functions, 'name')));
  if (!verdict.ok) throw invalid(key, sql, verdict.message);
  return verdict.columns;
}

/**
 * Checks an expression against the columns of a row (or, with `aggregate`, of all rows) and returns its type.
 *
 * @throws DATA_EXPRESSION_INVALID naming the key
 */
export async function checkExpression(
  lake: LakeSession,
  expression: Expression,
  { scope, aggregate = false }: { scope: Scope; aggregate?: boolean },
): Promise<ColumnType> {
  const columns = await parseExpression(lake, expression);
  const { key, sql } = expression;
  const known = new Set(scope.map(({ name }) => name.toLowerCase()));
  const unknown = columns.find((name) => !known.has(name.toLowerCase()));
  if (unknown !== undefined) {
    const names = scope.map(({ name }) => name).join(', ');
    throw invalid(key, sql, `there is no column ${unknown}; it may use ${names}`);
  }
  const typed = scope.map(({ name, type }) => `cast(null as ${SQL_TYPE[type]}) as ${id(name)}`);
  const from = `(select ${typed.join(', ') || '1 as __none'} limit 0) as scope`;
  try {
    // An aggregate cannot stand in WHERE, so this refuses one where a row is judged.
    if (!aggregate) await lake.query(`select 1 as one from ${from} where ((${sql}\n) is null)`);
    const described = await lake.query(
      `select column_type as type from (describe select (${sql}\n) as value from ${from})`,
    );
    const native = texts(described, 'type')[0] ?? '';
    const type = logicalType(native);
    if (type === undefined) throw invalid(key, sql, `its type ${native} cannot be a column`);
    return type;
  } catch (error) {
    if ((error as { code?: string }).code === 'DATA_EXPRESSION_INVALID') throw error;
    throw invalid(key, sql, messageOf(error));
  }
}

/** Like {@link checkExpression} for conditions. @throws DATA_EXPRESSION_INVALID when the answer is not a boolean */
export async function checkCondition(
  lake: LakeSession,
  expression: Expression,
  options: { scope: Scope; aggregate?: boolean },
): Promise<void> {
  const type = await checkExpression(lake, expression, options);
  if (type !== 'boolean') throw invalid(expression.key, expression.sql, `its answer is a ${type}, not true or false`);
}

function invalid(key: string, sql: string, reason: string): Error {
  return dataErrors.DATA_EXPRESSION_INVALID(`${key}: \`${sql}\` cannot be used: ${reason}`, { data: { key, sql } });
}

/** The cells of a text column. */
export function texts(table: Table, name: string): string[] {
  const column = columnOf(table, name);
  return Array.from({ length: table.rowCount }, (_, row) => String(cellAt(column, row)));
}

/** DuckDB writes numbers beyond 1.8e308 as Infinity, which is no JSON. */
function readTree(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
