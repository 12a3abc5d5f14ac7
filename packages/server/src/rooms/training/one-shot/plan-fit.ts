import { columnOf, type Table } from '@fairlead/frame';
import { range, type Task } from '@fairlead/num';
import { trainingErrors } from '../training-errors.js';
import { chooseColumns, neededColumns } from './choose-columns.js';
import type { ColumnReport, FitFileOptions } from './fit-types.js';
import { type HoldOut, holdOut, rowsWith } from './hold-out.js';
import { inferTask } from './infer-task.js';
import { nearlyNumbers } from './nearly-numbers.js';
import type { ReadTable } from './read-table.js';

/** What is decided before anything is fitted. */
export interface FitPlan {
  readonly table: Table;
  readonly task: Task;
  readonly target: string;
  readonly time: string | null;
  readonly features: readonly string[];
  readonly reports: readonly ColumnReport[];
  readonly integers: readonly string[];
  readonly split: HoldOut;
  readonly seed: number;
  readonly notes: readonly string[];
}

/** Task, columns and test rows. @throws TRN_… */
export function planFit(read: ReadTable, options: FitFileOptions): FitPlan {
  const { types } = read;
  const target = options.target ?? '';
  const time = options.timeColumn ?? null;
  const notes = [...read.notes];
  if (read.table.rowCount === 0) throw trainingErrors.TRN_TOO_FEW_ROWS('The file holds no rows.');
  for (const name of [target, ...(time === null ? [] : [time])]) {
    if (name !== '') requireColumn(read.table, name);
  }
  refuseIdle(read.table, options);
  const { task, note } = inferTask(read, { target, task: options.task });
  if (note !== null) notes.push(note);
  const { features, reports } = chooseColumns(read.table, types, { ...options, target, time });
  const needed = [...features, ...(target === '' ? [] : [target]), ...(time === null ? [] : [time])];
  const table = neededColumns(read.table, needed);
  notes.push(...nearlyNumbers(table, needed));
  const { rows, without } =
    target === '' ? { rows: range(table.rowCount), without: 0 } : rowsWith(columnOf(table, target));
  if (without > 0) notes.push(`${without} rows without ${target} teach nothing and were left out.`);
  const seed = options.seed ?? 0;
  const split = holdOut(table, {
    ...{ rows, time, seed, testFrom: options.testFrom },
    testRatio: target === '' ? 0 : options.testRatio,
    strata: task === 'classification' ? columnOf(table, target) : undefined,
  });
  const integers = [...types].filter(([, type]) => type === 'integer').map(([name]) => name);
  return { table, task, target, time, features, reports, integers, split, seed, notes };
}

/** A wish that would change nothing is a slip, and some slips let a model see its test: they are refused, not passed over. */
function refuseIdle(
  table: Table,
  { exclude = [], features = [], testFrom, timeColumn, params, model }: FitFileOptions,
) {
  for (const name of [...exclude, ...features]) {
    if (table.columns.has(name)) continue;
    const columns = [...table.columns.keys()];
    throw trainingErrors.TRN_FEATURE_NOT_FOUND(`There is no column ${name}; there are ${columns.join(', ')}.`, {
      data: { column: name, columns },
    });
  }
  if (testFrom !== undefined && timeColumn === undefined) {
    throw trainingErrors.TRN_TIME_REQUIRED(`Rows from ${testFrom} on cannot be put aside without --time-column.`);
  }
  if (params !== undefined && (model === undefined || model === 'auto')) {
    throw trainingErrors.TRN_CANDIDATE_INVALID('--params needs --model: whose parameters?');
  }
}

function requireColumn(table: Table, name: string): void {
  if (table.columns.has(name)) return;
  const columns = [...table.columns.keys()];
  throw trainingErrors.TRN_TARGET_NOT_FOUND(`There is no column ${name}; there are ${columns.join(', ')}.`, {
    data: { column: name, columns },
  });
}
