import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readOnnxOperators } from './onnx-operators.js';
import { choosePlacement } from './placement-rules.js';
import { fixture } from './testing.js';

const plain = { operators: ['MatMul', 'ai.onnx.ml.TreeEnsembleClassifier'], costMs: 0.1, sizeBytes: 1e6 };

describe('the place of a model', () => {
  it('is a shared thread for a small, quick graph whose work is bounded', () => {
    expect(choosePlacement({ ...plain, configured: undefined })).toBe('thread');
    expect(choosePlacement({ ...plain, costMs: undefined, configured: undefined })).toBe('thread');
  });

  it.each([
    ['a loop', { operators: ['MatMul', 'Loop'] }],
    ['an operator from elsewhere', { operators: ['elsewhere.Explode'] }],
    ['a slow run', { costMs: 26 }],
    ['a large file', { sizeBytes: 2 ** 28 + 1 }],
  ])('is a process of its own for %s, unless configured', (_, change) => {
    expect(choosePlacement({ ...plain, ...change, configured: undefined })).toBe('process');
    expect(choosePlacement({ ...plain, ...change, configured: 'thread' })).toBe('thread');
  });

  it('is judged by operators inside of operators too', () => {
    expect(readOnnxOperators(readFileSync(fixture('slow').path))).toEqual(
      expect.arrayContaining(['Loop', 'MatMul', 'Tanh', 'ConstantOfShape']),
    );
  });
});
