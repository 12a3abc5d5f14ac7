import type { Datatype, NamedTensor, TensorSpec } from '../inference-types.js';
import { unusable } from './model-protocol.js';

/** One tensor [rows, columns] of a model server that stands for as many columns here. */
export interface Matrix {
  /** Its name there. */
  readonly input: string;
  /** Names here, in the order in which they stand in a row there. */
  readonly columns: readonly string[];
}

const HOLDERS = { FP32: Float32Array, FP64: Float64Array, INT32: Int32Array } as const;

/** The columns that stand for the one input of the server. @throws INF_REMOTE_ANSWER when it is no such matrix */
export function splitMatrix(inputs: readonly TensorSpec[], { input, columns }: Matrix): TensorSpec[] {
  const [only] = inputs;
  const got = inputs.map(({ name, datatype, shape }) => `${name} ${datatype} [${shape.join(', ')}]`).join(', ');
  const fits =
    inputs.length === 1 &&
    only?.name === input &&
    holderOf(only.datatype) !== undefined &&
    only.shape.length === 2 &&
    [-1, columns.length].includes(only.shape[1] ?? 0);
  if (!fits) throw unusable(`it takes ${got}, expected ${input} FP32, FP64, INT32 or INT64 [-1, ${columns.length}]`);
  // Rows may be limited there: what is joined from several callers would not fit.
  return columns.map((name) => ({ name, datatype: 'FP32', shape: [only.shape[0] ?? -1, 1] }));
}

/** Row by row, as the server's input has them. */
export function joinColumns(inputs: readonly NamedTensor[], { columns }: Matrix, spec: TensorSpec): NamedTensor {
  const cells = columns.map((name) => inputs.find((tensor) => tensor.name === name)?.data as Float32Array);
  const rows = cells[0]?.length ?? 0;
  const width = columns.length;
  const { name, datatype } = spec;
  const shape = [rows, width];
  if (datatype === 'INT64') {
    const data = new BigInt64Array(rows * width);
    fill(data, cells, (value) => BigInt(Math.trunc(value)));
    return { name, datatype, shape, data };
  }
  const data = new (holderOf(datatype) as (typeof HOLDERS)['FP64'])(rows * width);
  fill(data, cells, (value) => value);
  return { name, datatype, shape, data };
}

function fill<T>(data: { [index: number]: T }, cells: readonly Float32Array[], read: (value: number) => T): void {
  const width = cells.length;
  cells.forEach((column, k) => {
    for (let row = 0; row < column.length; row += 1) data[row * width + k] = read(column[row] as number);
  });
}

function holderOf(datatype: Datatype): object | undefined {
  return datatype === 'INT64' ? BigInt64Array : HOLDERS[datatype as keyof typeof HOLDERS];
}
