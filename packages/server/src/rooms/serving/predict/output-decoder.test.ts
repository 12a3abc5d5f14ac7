import { describe, expect, it } from 'vitest';
import type { NamedTensor, TensorSpec } from '../../../platform/inference/index.js';
import type { ModelSignature } from '../../training/index.js';
import { compileOutputDecoder } from './output-decoder.js';

const wind = { name: 'wind', type: 'number', nullable: false } as const;
const numbers: ModelSignature = {
  task: 'regression',
  inputs: [wind],
  target: 'mm',
  labels: [],
  contextColumns: [],
};
const inputs: TensorSpec[] = [{ name: 'wind', datatype: 'FP32', shape: [-1, 1] }];
const spec = (name: string, ...shape: number[]): TensorSpec => ({ name, datatype: 'FP32', shape: [-1, ...shape] });
const tensor = (name: string, shape: number[], ...values: number[]): NamedTensor => ({
  name,
  datatype: 'FP32',
  shape,
  data: Float32Array.from(values),
});

describe('the answer of a model that gives numbers', () => {
  it('is its value, with the text as the label', () => {
    const decode = compileOutputDecoder(numbers, { inputs, outputs: [spec('prediction', 1)] });
    expect(decode([tensor('prediction', [2, 1], 1.5, -2)])).toEqual([
      { label: '1.5', probabilities: {}, value: 1.5 },
      { label: '-2', probabilities: {}, value: -2 },
    ]);
  });

  it('has one row per row when the model gives several elements, and all of them', () => {
    const decode = compileOutputDecoder(numbers, { inputs, outputs: [spec('quantiles', 3)] });
    expect(decode([tensor('quantiles', [2, 3], 1, 2, 3, 4, 5, 6)])).toEqual([
      { label: '1', probabilities: {}, value: 1, outputs: { quantiles: [1, 2, 3] } },
      { label: '4', probabilities: {}, value: 4, outputs: { quantiles: [4, 5, 6] } },
    ]);
  });

  it('names each output when there are several, of any type', () => {
    const outputs = [spec('mean', 1), { name: 'days', datatype: 'INT64', shape: [-1] } as const];
    const decode = compileOutputDecoder(numbers, { inputs, outputs });
    const days: NamedTensor = { name: 'days', datatype: 'INT64', shape: [2], data: BigInt64Array.of(3n, 2n ** 60n) };
    expect(decode([tensor('mean', [2, 1], 0.5, 0.25), days])).toMatchObject([
      { value: 0.5, outputs: { mean: 0.5, days: 3 } },
      { value: 0.25, outputs: { mean: 0.25, days: '1152921504606846976' } },
    ]);
  });
});

describe('the answer of a classifier', () => {
  const classes: ModelSignature = { ...numbers, task: 'classification', labels: ['no', 'yes'] };
  const label: TensorSpec = { name: 'label', datatype: 'BYTES', shape: [-1] };

  it('has what else the model gives beside label and probabilities', () => {
    const outputs = [label, spec('probabilities', 2), spec('margin', 1)];
    const decode = compileOutputDecoder(classes, { inputs, outputs });
    const said: NamedTensor = { name: 'label', datatype: 'BYTES', shape: [1], data: ['yes'] };
    expect(decode([said, tensor('probabilities', [1, 2], 0.25, 0.75), tensor('margin', [1, 1], 2)])).toEqual([
      { label: 'yes', probabilities: { no: 0.25, yes: 0.75 }, outputs: { margin: 2 } },
    ]);
  });

  it('may read times, which are whole numbers', () => {
    const timed = { ...classes, inputs: [{ name: 'at', type: 'timestamp', nullable: false } as const] };
    const at: TensorSpec = { name: 'at', datatype: 'INT64', shape: [-1, 1] };
    const outputs = [label, spec('probabilities', 2)];
    expect(() => compileOutputDecoder(timed, { inputs: [at], outputs })).not.toThrow();
    expect(() => compileOutputDecoder(timed, { inputs: [{ ...at, datatype: 'FP32' }], outputs })).toThrow(/INT64/);
  });
});
