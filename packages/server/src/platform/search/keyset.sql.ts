import { type RawBuilder, sql } from 'kysely';
import type { Dialect } from '../db/index.js';
import { numberValue } from './compare.sql.js';
import type { Position } from './page-token.js';

/** One column of a total order. Its expression is never NULL: a rank column before it says what is missing. */
export interface SortColumn {
  readonly expression: RawBuilder<unknown>;
  readonly direction: 'asc' | 'desc';
  readonly kind: 'text' | 'number';
}

/** The columns as the terms of ORDER BY. */
export function orderTerms(columns: readonly SortColumn[], dialect: Dialect): RawBuilder<unknown> {
  return sql.join(columns.map((column) => sql`${ordered(column, dialect)} ${sql.raw(column.direction)}`));
}

/**
 * True for what comes after `position` in the order of the columns: a > x, or a = x and (b > y, or b = y and …), with
 * a >= x once more in front of it, so that an index on the first column begins at the right place.
 */
export function isBeyond(columns: readonly SortColumn[], position: Position, dialect: Dialect): RawBuilder<boolean> {
  const [column, ...rest] = columns;
  const [value, ...others] = position;
  if (column === undefined || value === undefined) return sql<boolean>`1 = 0`;
  const left = ordered(column, dialect);
  const right = typeof value === 'number' ? numberValue(dialect, value) : sql`${value}`;
  const after = sql.raw(column.direction === 'asc' ? '>' : '<');
  if (rest.length === 0) return sql<boolean>`${left} ${after} ${right}`;
  const beyondRest = isBeyond(rest, others, dialect);
  return sql<boolean>`(${left} ${after}= ${right} and (${left} ${after} ${right} or ${beyondRest}))`;
}

/** Text is ordered by its bytes on both engines; by itself PostgreSQL orders it as its locale says. */
function ordered({ expression, kind }: SortColumn, dialect: Dialect): RawBuilder<unknown> {
  return kind === 'text' && dialect === 'postgres' ? sql`${expression} collate "C"` : expression;
}
