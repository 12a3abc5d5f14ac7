import { JOINED, type NamedTensor } from './inference-types.js';

/** Rows that are brought side by side at a time, so that what is written stays in the cache. */
const ROWS = 128;

/** Columns FP32 [rows, 1] as the one tensor that stands for them, in the order of `columns`. All must be there, of one length. */
export function joinColumns(tensors: readonly NamedTensor[], columns: readonly string[]): NamedTensor {
  const parts = columns.map((name, i) => {
    const tensor = tensors[i]?.name === name ? tensors[i] : tensors.find((each) => each.name === name);
    return tensor?.data as Float32Array;
  });
  const rows = parts[0]?.length ?? 0;
  const width = parts.length;
  const odd = parts.findIndex((part) => part?.length !== rows);
  if (odd >= 0) throw new Error(`column ${columns[odd]} has ${parts[odd]?.length ?? 'no'} rows for ${rows}`);
  const data = new Float32Array(rows * width);
  for (let from = 0; from < rows; from += ROWS) {
    const until = Math.min(rows, from + ROWS);
    for (let column = 0; column < width; column += 1) {
      const part = parts[column] as Float32Array;
      for (let row = from, at = from * width + column; row < until; row += 1, at += width)
        data[at] = part[row] as number;
    }
  }
  return { name: JOINED, datatype: 'FP32', shape: [rows, width], data, columns };
}

/** The way back: a tensor for each column, for models that take no other. */
export function splitColumns({ data, shape, columns = [] }: NamedTensor): NamedTensor[] {
  const rows = shape[0] ?? 0;
  const width = columns.length;
  return columns.map((name, column) => {
    const part = new Float32Array(rows);
    for (let row = 0, at = column; row < rows; row += 1, at += width) part[row] = data[at] as number;
    return { name, datatype: 'FP32', shape: [rows, 1], data: part };
  });
}
