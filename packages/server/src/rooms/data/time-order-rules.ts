import { id } from './cell-sql-rules.js';
import type { EffectiveContract } from './contract-rules.js';
import type { CheckResult, ColumnType } from './data-types.js';

/** What was counted over the rows of the source in the order in which they stand there. */
export interface TimeOrder {
  readonly column: string;
  /** Rows whose time is before that of the row above them, of the same entity in the same file. */
  readonly jumps: number;
  /** The first of them: the time above, then its own, ISO 8601; null when there is none. */
  readonly first: readonly [above: string, own: string] | null;
}

/** The column whose order tells something: the declared time, or the only timestamp of an undeclared schema. */
export function orderedColumn(contract: EffectiveContract): string | null {
  if (contract.time !== null) return contract.time;
  const times = Object.entries(contract.columns).filter(([, { type }]) => type === ('timestamp' satisfies ColumnType));
  return times.length === 1 ? (times[0]?.[0] ?? null) : null;
}

/** One look at every row above: `jumps`, `above0` and `own0` of the first jump. */
export function timeOrderSql(column: string, { entity }: Pick<EffectiveContract, 'entity'>): string {
  const time = id(column);
  const within = ['__file', ...entity.map(id)].join(', ');
  return [
    `select count(*) as jumps, arg_min(above, place)::varchar as above0, arg_min(own, place)::varchar as own0 from (`,
    `select ${time} as own, lag(${time} ignore nulls) over (partition by ${within} order by __row) as above,`,
    `__file * 1e12 + __row as place from scanned where ${time} is not null) where own < above`,
  ].join(' ');
}

/**
 * Says whether the times go back within the file. Never a failure: an export may be sorted otherwise. But swapped days and
 * months, joined files and lost zones show here first, and no bound on a column can see them.
 */
export function describeTimeOrder({ column, jumps, first }: TimeOrder): CheckResult {
  const at = first === null ? '' : `, first from ${first[0]} to ${first[1]}`;
  return {
    name: 'time-order',
    verdict: 'pass',
    failedRows: jumps,
    observed: jumps === 0 ? `${column} never goes back` : `${column} goes back ${jumps} times${at}`,
    expected: 'for information: the rows of an entity in the order of their time',
  };
}
