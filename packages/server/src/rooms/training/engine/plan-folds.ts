import { type Column, columnLength, columnOf, isPresent, type Table } from '@fairlead/frame';
import { isFairleadError } from '@fairlead/kernel';
import { type Fold, type FoldData, type FoldSpec, planFolds, planNestedFolds } from '@fairlead/num';
import { trainingErrors } from '../training-errors.js';
import type { FlatValidation, Validation } from '../training-types.js';
import type { FoldSpan, OuterPlan, ProblemTarget } from './engine-types.js';

/**
 * Row numbers in training order: by time where there is one, ties in table order, so that the same rows give the same model
 * whatever order they are stored in by then.
 *
 * @throws TRN_TIME_REQUIRED, TRN_TIME_MISSING
 */
export function trainingOrder(table: Table, time: string | null, validation: Validation): Int32Array {
  const rows = Int32Array.from({ length: table.rowCount }, (_, row) => row);
  if (time === null) {
    if (!partsOf(validation).some(({ kind }) => kind === 'time-series')) return rows;
    throw trainingErrors.TRN_TIME_REQUIRED('The dataset declares no time column, so its rows have no order.');
  }
  const column = table.columns.get(time);
  if (column?.kind !== 'timestamp') {
    throw trainingErrors.TRN_TIME_REQUIRED(`The time column ${time} is ${column?.kind ?? 'absent'}.`, {
      data: { time, kind: column?.kind ?? null },
    });
  }
  const { values, validity } = column;
  const missing = rows.find((row) => !isPresent(validity, row) || !Number.isFinite(values[row]));
  if (missing !== undefined) {
    throw trainingErrors.TRN_TIME_MISSING(`Row ${missing} has no ${time}.`, { data: { time, row: missing } });
  }
  return rows.sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
}

function partsOf(validation: Validation): FlatValidation[] {
  return validation.kind === 'nested' ? [validation.inner, validation.outer] : [validation];
}

export interface FoldPlan {
  readonly validation: Validation;
  /** Rows in training order, with the columns that groups need. */
  readonly table: Table;
  readonly target: ProblemTarget;
  readonly seed: number;
  /** True when the rows are in order of time. */
  readonly ordered: boolean;
}

export interface PlannedFolds {
  readonly folds: readonly Fold[];
  readonly span: FoldSpan;
  readonly outer: readonly OuterPlan[];
}

/**
 * Folds over rows in training order, those that choose the model first; classes keep their shares where order and groups
 * allow it. A fold may lack a class: its fits then fail with a reason, which is for the search to show.
 *
 * @throws TRN_TOO_FEW_ROWS, TRN_GROUP_INVALID
 */
export function planValidation(plan: FoldPlan): PlannedFolds {
  const { validation, table, seed } = plan;
  const data = foldDataOf(plan);
  try {
    if (validation.kind !== 'nested') {
      const folds = planFolds(specOf(validation, plan, table.rowCount), data, seed);
      return { folds, span: { from: 0, count: folds.length }, outer: [] };
    }
    return planNested(validation, plan, data);
  } catch (cause) {
    if (!isFairleadError(cause) || cause.code !== 'NUM_TOO_FEW') throw cause;
    throw trainingErrors.TRN_TOO_FEW_ROWS(`${table.rowCount} rows are too few to validate so: ${cause.message}`, {
      data: { rows: table.rowCount, validation },
      cause,
    });
  }
}

function planNested(
  { outer: judging, inner: choosing }: Extract<Validation, { kind: 'nested' }>,
  plan: FoldPlan,
  data: FoldData,
): PlannedFolds {
  const { table, seed } = plan;
  const folds = planFolds(specOf(choosing, plan, table.rowCount), data, seed);
  const span = { from: 0, count: folds.length };
  const nested = planNestedFolds(
    { outer: specOf(judging, plan, table.rowCount), inner: specOf(choosing, plan, table.rowCount) },
    data,
    seed,
  );
  const outer: OuterPlan[] = [];
  for (const { train, test, inner } of nested) {
    const from = folds.length;
    folds.push(...inner, { train, test });
    outer.push({ inner: { from, count: inner.length }, judge: from + inner.length });
  }
  return { folds, span, outer };
}

/** What packages/num calls it. A sliding window is as wide as the first expanding one of so many rows. */
function specOf(validation: FlatValidation, { target, ordered }: FoldPlan, rows: number): FoldSpec {
  switch (validation.kind) {
    case 'k-fold':
      return { kind: target.kind === 'classes' ? 'stratified' : 'k-fold', folds: validation.folds };
    case 'group':
      // Not shuffled: the largest group to the smallest fold.
      return { kind: 'group', folds: validation.folds, shuffle: false };
    case 'hold-out':
      return { kind: 'hold-out', testRatio: validation.ratio, shuffle: !ordered };
    case 'time-series': {
      const { folds, gap = 0, window = 'expanding' } = validation;
      const firstTrain = rows - folds * Math.floor(rows / (folds + 1)) - gap;
      return {
        kind: 'time-series',
        folds,
        gap,
        ...(window === 'sliding' && { maxTrainSize: Math.max(1, firstTrain) }),
      };
    }
  }
}

function foldDataOf({ validation, table, target }: FoldPlan): FoldData {
  const columns = [...new Set(partsOf(validation).flatMap((one) => (one.kind === 'group' ? [one.column] : [])))];
  if (columns.length > 1) {
    throw trainingErrors.TRN_GROUP_INVALID(`Outer and inner folds group by ${columns.join(' and ')}; choose one.`, {
      data: { columns },
    });
  }
  const [column] = columns;
  return {
    rowCount: table.rowCount,
    ...(target.kind === 'classes' && { labels: target.codes }),
    ...(column !== undefined && { groups: groupsOf(columnOf(table, column), column) }),
  };
}

/** A code per row; equal values have equal codes. */
function groupsOf(column: Column, name: string): Int32Array {
  const codes = new Map<unknown, number>();
  return Int32Array.from({ length: columnLength(column) }, (_, row) => {
    if (!isPresent(column.validity, row)) {
      throw trainingErrors.TRN_GROUP_INVALID(`Row ${row} has no ${name}, so it belongs to no group.`, {
        data: { column: name, row },
      });
    }
    const value = column.kind === 'string' ? column.dictionary[column.codes[row] as number] : column.values[row];
    const code = codes.get(value) ?? codes.size;
    codes.set(value, code);
    return code;
  });
}
