import { type Column, columnLength, columnOf, isPresent, type Table } from '@fairlead/frame';
import { createRng, type Fold, kFold, splitRandom, stratifiedKFold, timeSeriesFolds } from '@fairlead/num';
import { trainingErrors } from '../training-errors.js';
import type { Validation } from '../training-types.js';
import type { ProblemTarget } from './engine-types.js';

/**
 * Row numbers in training order: by time where there is one, ties in table order, so that the same rows give the same model
 * whatever order they are stored in by then.
 *
 * @throws TRN_TIME_REQUIRED, TRN_TIME_MISSING
 */
export function trainingOrder(table: Table, time: string | null, kind: Validation['kind']): Int32Array {
  const rows = Int32Array.from({ length: table.rowCount }, (_, row) => row);
  if (time === null) {
    if (kind !== 'time-series') return rows;
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

export interface FoldPlan {
  readonly validation: Validation;
  /** Rows in training order, with the columns that groups need. */
  readonly table: Table;
  readonly target: ProblemTarget;
  readonly seed: number;
  /** True when the rows are in order of time. */
  readonly ordered: boolean;
}

/**
 * Folds over rows in training order; classes keep their shares where order and groups allow it. A fold may lack a class:
 * its fits then fail with a reason, which is for the search to show.
 *
 * @throws TRN_TOO_FEW_ROWS, TRN_GROUP_INVALID
 */
export function planFolds({ validation, table, target, seed, ordered }: FoldPlan): Fold[] {
  const n = table.rowCount;
  const rng = createRng(seed).fork('folds');
  switch (validation.kind) {
    case 'k-fold':
      need(n, validation.folds, validation.folds);
      return target.kind === 'classes'
        ? stratifiedKFold(target.codes, validation.folds, rng)
        : kFold(n, validation.folds, rng);
    case 'time-series': {
      const { folds, gap = 0, window = 'expanding' } = validation;
      need(n, (folds + 1) * Math.max(1, gap + 1), folds);
      const planned = timeSeriesFolds(n, { folds, gap });
      if (window === 'expanding') return planned;
      const width = (planned[0] as Fold).train.length;
      return planned.map(({ train, test }) => ({ train: train.slice(-width), test }));
    }
    case 'group':
      return groupFolds(groupsOf(columnOf(table, validation.column), validation.column), validation.folds);
    case 'hold-out': {
      const tested = Math.max(1, Math.round(n * validation.ratio));
      need(n, tested + 1, 1);
      if (ordered) return [{ train: range(0, n - tested), test: range(n - tested, n) }];
      const [train, test] = splitRandom(n, [1 - validation.ratio, validation.ratio], rng) as [Int32Array, Int32Array];
      return [{ train, test }];
    }
  }
}

function need(rows: number, least: number, folds: number): void {
  if (rows >= least) return;
  throw trainingErrors.TRN_TOO_FEW_ROWS(`${rows} rows cannot make ${folds} folds; ${least} are needed.`, {
    data: { rows, folds, least },
  });
}

function range(from: number, until: number): Int32Array {
  return Int32Array.from({ length: until - from }, (_, i) => from + i);
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

/** Whole groups go to the fold that has the fewest rows so far, the largest group first: as scikit-learn's GroupKFold. */
function groupFolds(groups: Int32Array, folds: number): Fold[] {
  const sizes = new Map<number, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  if (sizes.size < folds) {
    throw trainingErrors.TRN_TOO_FEW_ROWS(`${sizes.size} groups cannot make ${folds} folds.`, {
      data: { groups: sizes.size, folds },
    });
  }
  const load = new Array<number>(folds).fill(0);
  const foldOf = new Map<number, number>();
  for (const [group, size] of [...sizes].sort((a, b) => b[1] - a[1] || a[0] - b[0])) {
    const fold = load.indexOf(Math.min(...load));
    load[fold] = (load[fold] as number) + size;
    foldOf.set(group, fold);
  }
  const rows = range(0, groups.length);
  return load.map((_, fold) => ({
    train: rows.filter((row) => foldOf.get(groups[row] as number) !== fold),
    test: rows.filter((row) => foldOf.get(groups[row] as number) === fold),
  }));
}
