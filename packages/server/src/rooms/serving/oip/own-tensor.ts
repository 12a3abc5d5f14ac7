import { type Datatype, JOINED, type NamedTensor, type TensorSpec } from '../../../platform/inference/index.js';
import type { LiveModel } from '../serving-types.js';

type Model = Pick<LiveModel, 'inputs' | 'signature'>;

/** What the inputs of a request are read by, and how they become what the model is given. */
export interface InputForm {
  readonly specs: readonly TensorSpec[];
  readonly toColumns: (tensors: readonly NamedTensor[]) => readonly NamedTensor[];
}

/** Under this name every endpoint whose columns are all numbers takes them side by side in one tensor, in the order of its inputs. */
const ALL_COLUMNS = 'columns';

/**
 * A request may name one tensor in place of the model's columns: {@link ALL_COLUMNS}, or by its own name the one input that the model
 * had where it was made, as whoever wrote a client for the model itself does.
 */
export function inputForm(names: readonly unknown[], { inputs, signature: { ownTensor } }: Model): InputForm {
  const columns = { specs: inputs, toColumns: (tensors: readonly NamedTensor[]) => tensors };
  // Nearly every request names the columns themselves.
  if (names[0] === inputs[0]?.name || inputs.some(({ name }) => names.includes(name))) return columns;
  const numeric = inputs.every(({ datatype, shape }) => datatype === 'FP32' && shape.length === 2 && shape[1] === 1);
  if (ownTensor !== undefined && names.includes(ownTensor.name)) {
    const spec = { ...ownTensor, datatype: ownTensor.datatype as Datatype };
    return {
      specs: [spec],
      toColumns: firstOf((tensor) => (numeric ? [join(tensor, inputs)] : splitTexts(tensor, inputs))),
    };
  }
  if (!numeric || inputs.length < 2 || !names.includes(ALL_COLUMNS)) return columns;
  const spec = { name: ALL_COLUMNS, datatype: 'FP32' as const, shape: [-1, inputs.length] };
  return { specs: [spec], toColumns: firstOf((tensor) => [join(tensor, inputs)]) };
}

const firstOf =
  (convert: (tensor: NamedTensor) => NamedTensor[]) =>
  ([tensor]: readonly NamedTensor[]) =>
    tensor === undefined ? [] : convert(tensor);

/** The rows as they are, every cell a Float32; the inputs must be numbers. */
function join({ data, shape }: NamedTensor, inputs: readonly TensorSpec[]): NamedTensor {
  const values = data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number | bigint>, Number);
  return {
    columns: inputs.map(({ name }) => name),
    ...{ name: JOINED, datatype: 'FP32', shape: [shape[0] ?? 0, inputs.length], data: values },
  };
}

/** Of texts, which stand in columns of their own. */
function splitTexts({ data, shape }: NamedTensor, inputs: readonly TensorSpec[]): NamedTensor[] {
  const rows = shape[0] ?? 0;
  return inputs.map(({ name, datatype }, at) => ({
    data: Array.from({ length: rows }, (_, row) => String(data[row * inputs.length + at])),
    ...{ name, datatype, shape: [rows, 1] },
  }));
}
