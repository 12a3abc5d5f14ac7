import { isPresent, type Table } from '@fairlead/frame';
import { createRng, type Fold, stratifiedKFold, timeSeriesFolds } from '@fairlead/num';
import type { EncodedTarget } from './target-rules.js';
import { trainingErrors } from './training-errors.js';
import type { TrainRequest } from './training-types.js';

/**
 * Row numbers in training order: by time where there is one, ties in table order, so that the same rows give the same model
 * whatever order they are stored in by then.
 *
 * @throws TRN_TIME_REQUIRED, TRN_TIME_MISSING
 */
export function trainingOrder(table: Table, time: string | null, kind: TrainRequest['validation']['kind']): Int32Array {
  const rows = Int32Array.from({ length: table.rowCount }, (_, row) => row);
  if (time === null) {
    if (kind === 'k-fold') return rows;
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

/**
 * Folds over rows in training order; every fold trains on every class.
 *
 * @throws TRN_TOO_FEW_ROWS, TRN_FOLD_ONE_CLASS
 */
export function planFolds(
  { codes, labels }: EncodedTarget,
  { kind, folds, gap = 0 }: TrainRequest['validation'],
  seed: number,
): Fold[] {
  const n = codes.length;
  const least = kind === 'k-fold' ? folds : (folds + 1) * Math.max(1, gap + 1);
  if (n < least) {
    throw trainingErrors.TRN_TOO_FEW_ROWS(`${n} rows cannot make ${folds} folds with a gap of ${gap}.`, {
      data: { rows: n, folds, gap, least },
    });
  }
  const planned =
    kind === 'k-fold'
      ? stratifiedKFold(codes, folds, createRng(seed).fork('folds'))
      : timeSeriesFolds(n, { folds, gap });
  planned.forEach(({ train }, fold) => {
    const seen = new Set(train.map((row) => codes[row] as number));
    if (seen.size === labels.length) return;
    const absent = labels.filter((_, code) => !seen.has(code));
    throw trainingErrors.TRN_FOLD_ONE_CLASS(
      `The ${train.length} training rows of fold ${fold + 1} have no ${absent.join(' or ')}.`,
      { data: { fold, absent, rows: train.length } },
    );
  });
  return planned;
}
