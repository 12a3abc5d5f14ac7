import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readOnnxMetadata } from './onnx-metadata.js';
import { fixture } from './testing.js';

describe('the metadata of an ONNX file', () => {
  it('is read as text pairs', () => {
    const bytes = readFileSync(fixture('affine').path);
    expect(readOnnxMetadata(bytes)).toEqual({ 'fairlead.kind': 'affine', note: 'snow ❄' });
  });

  it('is empty when the file has none', () => {
    expect(readOnnxMetadata(readFileSync(fixture('zipmap').path))).toEqual({});
  });

  it('is refused from every truncated file that does not end between two fields, and never hangs', () => {
    const bytes = readFileSync(fixture('affine').path);
    let refused = 0;
    for (let end = 1; end < bytes.length; end++) {
      try {
        readOnnxMetadata(bytes.subarray(0, end));
      } catch (error) {
        expect(error).toMatchObject({ code: 'INF_MODEL_INVALID' });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(bytes.length * 0.9);
    expect(() => readOnnxMetadata(new TextEncoder().encode('this is text'))).toThrow('not an ONNX model');
  });
});
