import { describe, expect, it } from 'vitest';
import { checkInputs, checkOutputs } from './check-inputs.js';
import type { NamedTensor } from './inference-types.js';
import { floats } from './testing.js';

const signature = {
  inputs: [
    { name: 'x', datatype: 'FP32', shape: [-1, 2] },
    { name: 'sky', datatype: 'BYTES', shape: [-1, 1] },
  ],
  outputs: [
    { name: 'label', datatype: 'INT64', shape: [-1] },
    { name: 'score', datatype: 'FP32', shape: [-1] },
  ],
} as const;
const x = floats('x', [1, 2], [1, 2]);
const sky: NamedTensor = { name: 'sky', datatype: 'BYTES', shape: [1, 1], data: ['rain'] };

describe('input tensors', () => {
  it('pass when they are what the model declares, in any order', () => {
    expect(() => checkInputs(signature, [sky, x])).not.toThrow();
  });

  const wrong: [string, NamedTensor[], string, object][] = [
    ['missing', [x], 'INF_INPUT_MISSING', { missing: ['sky'], expected: ['x', 'sky'] }],
    ['unknown', [x, sky, floats('z', [1], [1])], 'INF_INPUT_UNKNOWN', { tensor: 'z' }],
    ['given twice', [x, sky, x], 'INF_INPUT_UNKNOWN', { tensor: 'x' }],
    [
      'of another datatype',
      [sky, { ...x, datatype: 'FP64' }],
      'INF_INPUT_DATATYPE',
      { tensor: 'x', got: 'FP64', expected: 'FP32' },
    ],
    ['in another array than their datatype', [sky, { ...x, data: [1, 2] as never }], 'INF_INPUT_DATATYPE', {}],
    ['of another rank', [sky, { ...x, shape: [2] }], 'INF_INPUT_SHAPE', { got: [2], expected: [-1, 2] }],
    ['of another fixed dimension', [sky, floats('x', [1, 3], [1, 2, 3])], 'INF_INPUT_SHAPE', { got: [1, 3] }],
    ['of negative dimension', [sky, { ...x, shape: [-1, 2] }], 'INF_INPUT_SHAPE', {}],
    ['of fractional dimension', [sky, { ...x, shape: [0.5, 2] }], 'INF_INPUT_SHAPE', {}],
    ['empty', [sky, floats('x', [0, 2], [])], 'INF_INPUT_SHAPE', { got: [0, 2] }],
    ['shorter than their shape', [sky, floats('x', [2, 2], [1, 2])], 'INF_INPUT_SIZE', { got: 2, expected: 4 }],
    ['of a huge declared shape', [sky, floats('x', [2 ** 52, 2], [1])], 'INF_INPUT_SIZE', { expected: 2 ** 53 }],
  ];
  it.each(wrong)('are refused when they are %s', (_, tensors, code, data) => {
    expect(() => checkInputs(signature, tensors)).toThrow(
      expect.objectContaining({ code, status: 400, data: expect.objectContaining(data) }),
    );
  });
});

describe('asked outputs', () => {
  it('are all by default, or those named, in that order', () => {
    expect(checkOutputs(signature, undefined)).toEqual(['label', 'score']);
    expect(checkOutputs(signature, ['score', 'label'])).toEqual(['score', 'label']);
  });

  it.each([[['nothing']], [['label', 'label']], [[]]])('are refused when they are %j', (asked) => {
    expect(() => checkOutputs(signature, asked)).toThrow(expect.objectContaining({ code: 'INF_OUTPUT_UNKNOWN' }));
  });
});
