import type { Table } from '@fairlead/frame';
import { evaluationErrors } from '../evaluation-errors.js';
import { interleave } from './class-rows.js';
import { findColumn, labelsAt, numbersAt } from './prediction-columns.js';
import type { PredictionsOptions } from './predictions-types.js';

/** Labels with codes for each column, and probabilities row-major. */
export interface ReadClasses {
  readonly labels: readonly string[];
  readonly truth: Int32Array;
  readonly predicted: Int32Array;
  readonly probabilities: Float64Array | undefined;
  /** Codes of further label columns, in the order asked for. */
  readonly others: readonly Int32Array[];
  readonly notes: readonly string[];
}

/** Probabilities rounded for a file miss 1 by no more. */
const SUM_TOLERANCE = 0.02;
const OPPOSITES: Readonly<Record<string, string>> = {
  1: '0',
  0: '1',
  true: 'false',
  false: 'true',
  yes: 'no',
  no: 'yes',
};

/**
 * Truth, predictions and probabilities as codes of one list of labels; of two labels the second is the positive one.
 * Without a prediction column the most probable label is taken, the first when chances are even.
 */
export function readClasses(
  table: Table,
  rows: Int32Array,
  options: PredictionsOptions & { readonly labelColumns: readonly string[] },
): ReadClasses {
  const { truth, prediction, score = [], positive, labelColumns } = options;
  const names = [truth as string, ...(prediction === undefined ? [] : [prediction]), ...labelColumns];
  const read = labelsAt(table, names, rows);
  const labels = orderLabels(read.labels, { positive, columns: score.length });
  const place = Int32Array.from(read.labels, (label) => labels.indexOf(label));
  const codes = read.codes.map((column) => column.map((code) => (code < 0 ? code : (place[code] as number))));
  const notes: string[] = [];
  const probabilities = score.length === 0 ? undefined : readProbabilities(table, rows, { score, labels, notes });
  const given = prediction === undefined ? undefined : codes[1];
  if (given === undefined && probabilities === undefined) {
    throw evaluationErrors.EVAL_OPTION_INVALID('Name the column of predictions, of probabilities, or both.');
  }
  return {
    labels,
    truth: codes[0] as Int32Array,
    predicted: given ?? mostProbable(probabilities as Float64Array, labels.length),
    probabilities,
    others: codes.slice(prediction === undefined ? 1 : 2),
    notes,
  };
}

function orderLabels(
  found: readonly string[],
  { positive, columns }: { positive: string | undefined; columns: number },
): string[] {
  const labels = [...found];
  if (positive !== undefined && !labels.includes(positive)) {
    if (labels.length !== 1) {
      throw evaluationErrors.EVAL_OPTION_INVALID(`No row has the label ${positive}; there are ${found.join(', ')}.`, {
        data: { positive, labels: found },
      });
    }
    labels.push(positive);
  }
  const [only] = labels;
  if (labels.length === 1 && only !== undefined) {
    const other = OPPOSITES[only] ?? '(other)';
    return ['0', 'false', 'no'].includes(only) || only === positive
      ? order([other, only], positive ?? other)
      : order([other, only], only);
  }
  if (columns === 1 && labels.length > 2) {
    throw evaluationErrors.EVAL_OPTION_INVALID(
      `There are ${labels.length} labels (${labels.slice(0, 10).join(', ')}), so --score needs one column for each.`,
      { data: { labels: labels.slice(0, 100), columns } },
    );
  }
  return labels.length === 2 && positive !== undefined ? order(labels, positive) : labels;
}

const order = (labels: readonly string[], last: string) => [...labels.filter((label) => label !== last), last];

function readProbabilities(
  table: Table,
  rows: Int32Array,
  { score, labels, notes }: { score: readonly string[]; labels: readonly string[]; notes: string[] },
): Float64Array {
  const columns = score.map((name) => checkedProbability(name, numbersAt(table, name, rows)));
  if (columns.length === 1) return interleave(columns[0] as Float64Array);
  if (columns.length !== labels.length) {
    throw evaluationErrors.EVAL_OPTION_INVALID(
      `${columns.length} columns of probabilities are given for ${labels.length} labels (${labels.slice(0, 20).join(', ')}).`,
      { data: { columns: score, labels: labels.slice(0, 100) } },
    );
  }
  const byName = labels.map((label) => score.filter((name) => name === label || name.endsWith(`_${label}`)));
  const named = byName.every(({ length }) => length === 1);
  const ordered = named ? byName.map(([name]) => columns[score.indexOf(name as string)] as Float64Array) : columns;
  if (!named) notes.push(`Columns of probabilities are taken in the order of the labels: ${labels.join(', ')}.`);
  return joinRows(ordered, notes);
}

/** Row-major; sums that rounding moved are set to 1. @throws EVAL_PROBABILITY_SUM */
function joinRows(columns: readonly Float64Array[], notes: string[]): Float64Array {
  const width = columns.length;
  const n = columns[0]?.length ?? 0;
  const out = new Float64Array(n * width);
  let rounded = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += (columns[k] as Float64Array)[i] as number;
    if (Math.abs(sum - 1) > SUM_TOLERANCE) {
      throw evaluationErrors.EVAL_PROBABILITY_SUM(`The probabilities of row ${i} of those judged sum to ${sum}.`, {
        data: { row: i, sum },
      });
    }
    if (Math.abs(sum - 1) > 1e-9) rounded++;
    for (let k = 0; k < width; k++) out[i * width + k] = ((columns[k] as Float64Array)[i] as number) / sum;
  }
  if (rounded > 0)
    notes.push(`The probabilities of ${rounded} rows summed to 1 only after rounding and were rescaled.`);
  return out;
}

/** @throws EVAL_PROBABILITY_RANGE */
export function checkedProbability(name: string, values: Float64Array): Float64Array {
  const at = values.findIndex((value) => !(value >= 0 && value <= 1));
  if (at === -1) return values;
  throw evaluationErrors.EVAL_PROBABILITY_RANGE(`Column ${name} holds ${values[at]}, which is no probability.`, {
    data: { column: name, value: values[at] },
  });
}

function mostProbable(probabilities: Float64Array, width: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / width }, (_, i) => {
    let best = 0;
    for (let k = 1; k < width; k++) {
      if ((probabilities[i * width + k] as number) > (probabilities[i * width + best] as number)) best = k;
    }
    return best;
  });
}

/** True when the column holds numbers between 0 and 1 that are not all 0 and 1: probabilities, not labels. */
export function looksLikeProbability(table: Table, name: string): boolean {
  const column = findColumn(table, name);
  if (column.kind !== 'float64') return false;
  return column.values.some((value) => value > 0 && value < 1);
}
