import { countMissing, type Table } from '@fairlead/frame';
import type { ModelSignature } from '../training/index.js';
import { evaluationErrors } from './evaluation-errors.js';

/** Class codes 0 or 1 of the target of every row. @throws EVAL_TWO_CLASSES_ONLY, EVAL_TARGET_NOT_FOUND, EVAL_TARGET_MISSING, EVAL_LABEL_UNKNOWN */
export function truthOf(table: Table, { target, labels }: ModelSignature): Int32Array {
  if (labels.length !== 2) {
    throw evaluationErrors.EVAL_TWO_CLASSES_ONLY(`The model has ${labels.length} classes: ${labels.join(', ')}.`, {
      data: { labels },
    });
  }
  const column = table.columns.get(target);
  if (column === undefined || (column.kind !== 'boolean' && column.kind !== 'string')) {
    const found = column === undefined ? 'absent' : column.kind;
    throw evaluationErrors.EVAL_TARGET_NOT_FOUND(`The target ${target} is ${found}.`, {
      data: { target, columns: [...table.columns.keys()] },
    });
  }
  const missing = countMissing(column.validity, table.rowCount);
  if (missing > 0) {
    throw evaluationErrors.EVAL_TARGET_MISSING(`${missing} of ${table.rowCount} rows have no ${target}.`, {
      data: { target, missing, rows: table.rowCount },
    });
  }
  if (column.kind === 'boolean') return Int32Array.from(column.values);
  const codeOf = column.dictionary.map((value) => labels.indexOf(value));
  return column.codes.map((code) => {
    const label = codeOf[code] as number;
    if (label >= 0) return label;
    throw evaluationErrors.EVAL_LABEL_UNKNOWN(`The target ${target} has the value ${column.dictionary[code]}.`, {
      data: { target, value: column.dictionary[code], labels },
    });
  });
}

/**
 * Rows per block of the moving-block bootstrap: n^(1/3) points in time (Künsch 1989), each with as many rows as share a
 * time; 1 where rows have no time.
 */
export function blockRowsOf(table: Table, time: string | null): number {
  const column = time === null ? undefined : table.columns.get(time);
  if (column?.kind !== 'timestamp') return 1;
  const times = new Set(column.values).size;
  const rowsPerTime = Math.max(1, Math.round(table.rowCount / times));
  return Math.min(table.rowCount, Math.max(1, Math.round(times ** (1 / 3))) * rowsPerTime);
}
