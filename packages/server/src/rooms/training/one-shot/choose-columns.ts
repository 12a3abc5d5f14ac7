import { type Column, columnLength, isPresent, selectColumns, type Table } from '@fairlead/frame';
import { isReservedName, type Task } from '@fairlead/num';
import { keyProblem } from '../signature-rules.js';
import type { ColumnReport } from './fit-types.js';

export interface ColumnChoice {
  readonly features: readonly string[];
  readonly reports: readonly ColumnReport[];
}

export interface ColumnWishes {
  readonly task: Task;
  readonly target: string;
  readonly time: string | null;
  readonly features?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/**
 * Which columns a model may read: all that hold something to learn from, or those that were named. What is left out is
 * reported with its reason.
 */
export function chooseColumns(
  table: Table,
  types: ReadonlyMap<string, string>,
  { task, target, time, features, exclude = [] }: ColumnWishes,
): ColumnChoice {
  const chosen: string[] = [];
  const reports: ColumnReport[] = [];
  for (const [name, column] of table.columns) {
    const base = { name, type: types.get(name) ?? column.kind };
    const out = (reason: string) => reports.push({ ...base, role: 'left out', treatment: '', reason });
    if (name === target) reports.push({ ...base, role: 'target', treatment: '', reason: '' });
    else if (name === time) reports.push({ ...base, role: 'time', treatment: 'orders the rows', reason: '' });
    else if (features !== undefined && !features.includes(name)) out('not among the named features');
    else if (exclude.includes(name)) out('excluded');
    else if (features === undefined && isReservedName(name, task)) {
      out(`a packaged model gives its own answer as ${name}: rename the column to have it read`);
    } else {
      const problem = features === undefined ? (uselessness(column) ?? keyProblem(table, name)) : undefined;
      if (problem !== undefined) out(problem);
      else {
        chosen.push(name);
        reports.push({ ...base, role: 'feature', treatment: column.kind, reason: '' });
      }
    }
  }
  return { features: features ?? chosen, reports };
}

/** Why nothing can be learned from the column; undefined when something can. */
function uselessness(column: Column): string | undefined {
  const rows = columnLength(column);
  const seen = new Set<number>();
  let present = 0;
  const values = column.kind === 'string' ? column.codes : column.values;
  for (let row = 0; row < rows; row += 1) {
    if (!isPresent(column.validity, row)) continue;
    present += 1;
    if (seen.size < 2) seen.add(values[row] as number);
  }
  if (present === 0) return 'every cell is missing';
  if (seen.size === 1 && present === rows) return 'the same value in every row';
  return undefined;
}

/** The columns that the training needs. */
export function neededColumns(table: Table, names: readonly string[]): Table {
  return selectColumns(
    table,
    [...table.columns.keys()].filter((name) => names.includes(name)),
  );
}
