import { columnOf, isPresent, type Table } from '@fairlead/frame';
import { type PreprocessSpec, range, type Task } from '@fairlead/num';
import { learnsUnlabelled } from '../partly-labelled.js';
import { checkPreprocess, preprocessColumns } from '../preprocess-rules.js';
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
  readonly preprocess?: PreprocessSpec;
  readonly reports: readonly ColumnReport[];
  readonly integers: readonly string[];
  readonly split: HoldOut;
  /** Rows without a class that are learned from beside the training rows; empty for most trainers. */
  readonly unlabelled: Int32Array;
  readonly seed: number;
  readonly notes: readonly string[];
}

/** Task, columns and test rows. @throws TRN_… */
export function planFit(read: ReadTable, options: FitFileOptions): FitPlan {
  const { types } = read;
  const { preprocess, model } = options;
  const target = options.target ?? '';
  const time = options.timeColumn ?? null;
  const notes = [...read.notes];
  if (read.table.rowCount === 0) throw trainingErrors.TRN_TOO_FEW_ROWS('The file holds no rows.');
  for (const name of [target, ...(time === null ? [] : [time])]) {
    if (name !== '') requireColumn(read.table, name);
  }
  refuseIdle(read.table, options);
  if (preprocess) checkPreprocess(read.table, { spec: preprocess, features: options.features, candidates: [] });
  const { task, note } = inferTask(read, { target, task: options.task });
  if (note !== null) notes.push(note);
  const { features, reports } = chooseColumns(read.table, types, {
    ...{ ...options, task, target, time },
    ...(preprocess && { features: options.features ?? preprocessColumns(preprocess) }),
  });
  const needed = [...features, ...(target === '' ? [] : [target]), ...(time === null ? [] : [time])];
  const table = neededColumns(read.table, needed);
  notes.push(...nearlyNumbers(table, needed));
  const { rows, without } =
    target === '' ? { rows: range(table.rowCount), without: 0 } : rowsWith(columnOf(table, target));
  refuseHuge(table, needed);
  const seed = options.seed ?? 0;
  const split = holdOut(table, {
    ...{ rows, time, seed, testFrom: options.testFrom },
    testRatio: target === '' ? 0 : options.testRatio,
    strata: task === 'classification' ? columnOf(table, target) : undefined,
  });
  const unlabelled =
    model !== undefined && learnsUnlabelled([{ trainer: model }], task)
      ? openRows(table, { target, time, split })
      : NO_ROWS;
  if (unlabelled.length > 0) {
    notes.push(
      `${unlabelled.length} rows without ${target} are learned from by the surest guesses at their class; no test row is among them.`,
    );
  }
  const left = without - unlabelled.length;
  if (left > 0) notes.push(`${left} rows without ${target} teach nothing and were left out.`);
  const integers = [...types].filter(([, type]) => type === 'integer').map(([name]) => name);
  return {
    ...{ table, task, target, time, features, reports, integers, split, unlabelled, seed, notes },
    ...(preprocess && { preprocess }),
  };
}

const NO_ROWS = new Int32Array(0);

/** Rows without a target; in order of time only those before the test, which nothing later may help with. */
function openRows(
  table: Table,
  { target, time, split }: { target: string; time: string | null; split: HoldOut },
): Int32Array {
  const { rows } = rowsWith(columnOf(table, target));
  const labelled = new Set(rows);
  const open = range(table.rowCount).filter((row) => !labelled.has(row));
  const { testFromMs } = split;
  const at = time === null ? undefined : columnOf(table, time);
  if (at?.kind !== 'timestamp' || testFromMs === null) return open;
  return open.filter((row) => isPresent(at.validity, row) && (at.values[row] as number) < testFromMs);
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

/** Refused by the row of the file, before rows are parted and sorted. */
function refuseHuge(table: Table, names: readonly string[]): void {
  for (const name of names) {
    const column = columnOf(table, name);
    if (column.kind !== 'float64') continue;
    const row = column.values.findIndex((value, i) => isPresent(column.validity, i) && isHuge(value));
    if (row < 0) continue;
    const value = column.values[row] as number;
    throw trainingErrors.TRN_NOT_FINITE(
      `${name} is ${value} in row ${row + 1} of those that were read: more than Float32 can hold, in which models read.`,
      { data: { column: name, row: row + 1, value: String(value) } },
    );
  }
}

const isHuge = (value: number) => Number.isFinite(value) && !Number.isFinite(Math.fround(value));

function requireColumn(table: Table, name: string): void {
  if (table.columns.has(name)) return;
  const columns = [...table.columns.keys()];
  throw trainingErrors.TRN_TARGET_NOT_FOUND(`There is no column ${name}; there are ${columns.join(', ')}.`, {
    data: { column: name, columns },
  });
}
