import { type RawBuilder, sql } from 'kysely';
import type { Dialect } from '../db/index.js';
import { refuseSearch } from './check-search.js';
import { likeToGlob } from './search-rules.js';
import type { Clause } from './search-types.js';

type Condition = Pick<Clause<string>, 'comparison' | 'value' | 'field'>;

/**
 * A condition on a text: = != LIKE ILIKE IN NOT IN. LIKE minds the case and ILIKE does not, on both engines; nothing escapes
 * a wildcard. SQLite folds the case of ASCII letters only. Throws SEARCH_INVALID.
 */
export function compareText(
  dialect: Dialect,
  expression: RawBuilder<unknown>,
  { comparison, value, field }: Condition,
): RawBuilder<boolean> {
  const values = Array.isArray(value) ? value : [value];
  if (values.some((one) => typeof one !== 'string')) refuseSearch(`${field} is compared with a text`);
  const text = values[0] as string;
  switch (comparison) {
    case '=':
      return sql<boolean>`${expression} = ${text}`;
    case '!=':
      return sql<boolean>`${expression} <> ${text}`;
    case 'like':
      return dialect === 'sqlite'
        ? sql<boolean>`${expression} glob ${likeToGlob(text)}`
        : sql<boolean>`${expression} like ${text} escape ''`;
    case 'ilike':
      return dialect === 'sqlite'
        ? sql<boolean>`${expression} like ${text}`
        : sql<boolean>`${expression} ilike ${text} escape ''`;
    case 'in':
      return isOneOf(dialect, expression, values as string[]);
    case 'not-in':
      return sql<boolean>`not ${isOneOf(dialect, expression, values as string[])}`;
    default:
      return refuseSearch(`${field} takes =, !=, LIKE, ILIKE, IN and NOT IN, not ${comparison}`);
  }
}

/** IS NULL and IS NOT NULL, where it is known what it means that there is a value; undefined for other comparisons. */
export function compareNull({ comparison }: Condition, isThere: RawBuilder<unknown>): RawBuilder<boolean> | undefined {
  if (comparison === 'is-not-null') return sql<boolean>`${isThere}`;
  return comparison === 'is-null' ? sql<boolean>`not ${isThere}` : undefined;
}

/** A condition on a number: = != < <= > >= IN NOT IN. Throws SEARCH_INVALID. */
export function compareNumber(
  dialect: Dialect,
  expression: RawBuilder<unknown>,
  { comparison, value, field }: Condition,
): RawBuilder<boolean> {
  const values = Array.isArray(value) ? value : [value];
  if (values.some((one) => typeof one !== 'number')) refuseSearch(`${field} is compared with a number`);
  if (comparison === 'like' || comparison === 'ilike') refuseSearch(`${field} is a number and takes no ${comparison}`);
  const numbers = values.map((one) => numberValue(dialect, one as number));
  if (comparison === 'in') return sql<boolean>`${expression} in (${sql.join(numbers)})`;
  if (comparison === 'not-in') return sql<boolean>`${expression} not in (${sql.join(numbers)})`;
  return sql<boolean>`${expression} ${sql.raw(comparison === '!=' ? '<>' : comparison)} ${numbers[0]}`;
}

/** A number as a parameter that PostgreSQL compares with any number: by itself it takes the type from the other side. */
export function numberValue(dialect: Dialect, value: number): RawBuilder<number> {
  if (dialect === 'sqlite') return sql<number>`${value}`;
  return Number.isSafeInteger(value)
    ? sql<number>`cast(${value} as bigint)`
    : sql<number>`cast(${value} as double precision)`;
}

/** True for one of any number of texts, as one parameter: SQLite takes 32,766 parameters and PostgreSQL 65,535. */
export function isOneOf(
  dialect: Dialect,
  expression: RawBuilder<unknown>,
  values: readonly string[],
): RawBuilder<boolean> {
  return dialect === 'sqlite'
    ? sql<boolean>`${expression} in (select value from json_each(${JSON.stringify(values)}))`
    : sql<boolean>`${expression} = any(${[...values]}::text[])`;
}
