import type { Datatype, NamedTensor, TensorSpec } from '../../../platform/inference/index.js';
import type { LiveModel } from '../serving-types.js';

type Model = Pick<LiveModel, 'inputs' | 'signature'>;

/** What the inputs of a request are read by, and how they become the model's columns. */
export interface InputForm {
  readonly specs: readonly TensorSpec[];
  readonly toColumns: (tensors: readonly NamedTensor[]) => readonly NamedTensor[];
}

/**
 * A request may name the one input that the model had where it was made in place of its columns: whoever wrote a client for the model
 * itself does so.
 */
export function inputForm(names: readonly unknown[], { inputs, signature: { ownTensor } }: Model): InputForm {
  const isOwn =
    ownTensor !== undefined && names.includes(ownTensor.name) && !inputs.some(({ name }) => name === ownTensor.name);
  if (!isOwn) return { specs: inputs, toColumns: (tensors) => tensors };
  const spec = { ...ownTensor, datatype: ownTensor.datatype as Datatype };
  return { specs: [spec], toColumns: ([tensor]) => (tensor === undefined ? [] : splitTensor(tensor, inputs)) };
}

/** Columns of the elements at each place of a row, as models of this server take them. */
function splitTensor({ data, shape }: NamedTensor, columns: readonly TensorSpec[]): NamedTensor[] {
  const rows = shape[0] ?? 0;
  const width = columns.length;
  return columns.map(({ name, datatype }, at) => {
    const cell = (row: number) => data[row * width + at] as string | number | bigint;
    const column = { name, datatype, shape: [rows, 1] };
    return datatype === 'BYTES'
      ? { ...column, data: Array.from({ length: rows }, (_, row) => String(cell(row))) }
      : { ...column, data: Float32Array.from({ length: rows }, (_, row) => Number(cell(row))) };
  });
}
