import { findWorstSlices, mean, type Slice, type SliceColumn, sliceColumns, wilsonInterval } from '@fairlead/num';
import { evaluationErrors } from './evaluation-errors.js';
import type { SliceResult } from './evaluation-types.js';
import type { ClassInput, JudgeInput } from './judge-messages.js';
import { brierLosses } from './score-classes.js';

/** Two such columns make a million combinations; more values name rows, not groups of rows. */
const MAX_VALUES = 1000;
const MAX_SLICES = 10;

export interface WorstSlice {
  readonly slice: string;
  readonly rows: Int32Array;
  readonly meanLoss: number;
  /** Mean loss minus that of all rows. */
  readonly excess: number;
  readonly pValueAdjusted: number;
}

/**
 * Where the losses are highest: every slice of one or two conditions with enough rows, tested against the rest and corrected
 * for how many were looked at; worst first. Empty when no column is given or none has enough rows.
 *
 * @throws EVAL_SLICE_COLUMN
 */
export function worstSlices(
  { sliceTable, minSliceRows }: Pick<JudgeInput, 'sliceTable' | 'minSliceRows'>,
  losses: Float64Array,
): WorstSlice[] {
  if (sliceTable.columns.size === 0) return [];
  const columns = sliceColumns(sliceTable, [...sliceTable.columns.keys()]);
  const fine = columns.find(({ labels }) => labels.length > MAX_VALUES);
  if (fine !== undefined) {
    throw evaluationErrors.EVAL_SLICE_COLUMN(`Column ${fine.name} has ${fine.labels.length} values.`, {
      data: { column: fine.name, values: fine.labels.length, max: MAX_VALUES },
    });
  }
  const overall = mean(losses);
  const { slices } = findWorstSlices(columns, losses, {
    limit: MAX_SLICES,
    ...(minSliceRows !== null && { minSupport: minSliceRows }),
  });
  return slices.map((slice) => ({
    slice: slice.conditions.map(({ column, value }) => inWords(sliceTable, column, value)).join(' and '),
    rows: rowsOf(slice, columns),
    meanLoss: slice.meanLoss,
    excess: slice.meanLoss - overall,
    pValueAdjusted: slice.adjustedPValue,
  }));
}

/** Where a classifier is worst by Brier score. @throws EVAL_SLICE_COLUMN */
export function findSlices(input: ClassInput): SliceResult[] {
  const { truth, model } = input;
  return worstSlices(input, brierLosses(truth, model)).map(({ slice, rows, meanLoss, excess, pValueAdjusted }) => {
    const right = rows.filter((row) => truth.codes[row] === model.predicted[row]).length;
    const accuracy = wilsonInterval(right, rows.length);
    return { slice, rows: rows.length, brier: meanLoss, accuracy, excessBrier: excess, pValueAdjusted };
  });
}

function rowsOf({ conditions }: Slice, columns: readonly SliceColumn[]): Int32Array {
  const wanted = conditions.map(({ column, value }) => {
    const { codes, labels } = columns.find(({ name }) => name === column) as SliceColumn;
    return { codes, code: labels.indexOf(value) };
  });
  const first = (wanted[0] as { codes: Int32Array }).codes;
  return Int32Array.from(first.keys()).filter((row) => wanted.every(({ codes, code }) => codes[row] === code));
}

function inWords(table: JudgeInput['sliceTable'], column: string, value: string): string {
  const kind = table.columns.get(column)?.kind;
  if (kind === 'string' || kind === 'boolean' || value.startsWith('(')) return `${column} = ${value}`;
  return value.startsWith('[') ? `${column} in ${value}` : `${column} ${value}`;
}
