import { MISSING_TIME } from '@fairlead/num';
import type { NamedTensor } from '../../../platform/inference/index.js';
import type { ModelInput } from '../training-types.js';

export const EXAMPLE_ROWS = 2;

/** {@link EXAMPLE_ROWS} rows as a signature describes them: usual values, and nothing at all. What a strange file makes of them is found out where it may crash. */
export function exampleTensors(inputs: readonly ModelInput[]): NamedTensor[] {
  const shape = [EXAMPLE_ROWS, 1];
  return inputs.map(({ name, type, min = 0, max = 0, categories = [] }) => {
    if (type === 'string') return { name, datatype: 'BYTES', shape, data: [categories[0] ?? '', ''] };
    if (type === 'timestamp') return { name, datatype: 'INT64', shape, data: BigInt64Array.of(0n, MISSING_TIME) };
    return { name, datatype: 'FP32', shape, data: Float32Array.of((min + max) / 2, Number.NaN) };
  });
}
