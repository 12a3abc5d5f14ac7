import { isPresent, type Table } from '@fairlead/frame';
import { findColumn } from './prediction-columns.js';
import type { PredictionsOptions, PredictionTask } from './predictions-types.js';

const MAX_NUMBER_LABELS = 20;

/** The task that the columns speak of, and why. */
export function inferTask(table: Table, options: PredictionsOptions): { task: PredictionTask; why: string } {
  const { truth, score = [], group } = options;
  if (group !== undefined && truth !== undefined) return { task: 'ranking', why: 'rows belong to groups' };
  if (truth === undefined) return { task: 'policy', why: 'there is no truth, only rewards' };
  const column = findColumn(table, truth);
  if (score.length > 0) return { task: 'classification', why: 'probabilities are given' };
  if (column.kind === 'string') {
    const { dictionary } = column;
    const wordy = dictionary.filter((text) => text.trim().includes(' ')).length;
    if (dictionary.length > 20 && wordy > dictionary.length / 2 && dictionary.length > table.rowCount / 4) {
      return { task: 'text', why: `${truth} holds sentences` };
    }
    return { task: 'classification', why: `${truth} holds words` };
  }
  if (column.kind === 'boolean') return { task: 'classification', why: `${truth} is true or false` };
  const values = new Set<number>();
  let whole = true;
  for (let row = 0; row < table.rowCount && whole && values.size <= MAX_NUMBER_LABELS; row++) {
    const value = column.values[row] as number;
    if (!isPresent(column.validity, row) || Number.isNaN(value)) continue;
    whole = Number.isInteger(value);
    values.add(value);
  }
  if (whole && values.size <= MAX_NUMBER_LABELS && columnIsWhole(table, options.prediction)) {
    return { task: 'classification', why: `${truth} holds ${values.size} whole numbers` };
  }
  return { task: 'regression', why: `${truth} holds numbers` };
}

function columnIsWhole(table: Table, name: string | undefined): boolean {
  if (name === undefined) return true;
  const column = findColumn(table, name);
  if (column.kind !== 'float64') return true;
  return column.values.every((value, row) => !isPresent(column.validity, row) || Number.isInteger(value));
}
