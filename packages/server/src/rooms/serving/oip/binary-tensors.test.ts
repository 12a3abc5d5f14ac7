import { describe, expect, it } from 'vitest';
import type { NamedTensor } from '../../../platform/inference/index.js';
import { readBinaryTensor, readRawRequest, tensorBytes } from './binary-tensors.js';

const tensors: NamedTensor[] = [
  { name: 'x', datatype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) },
  { name: 'x', datatype: 'UINT8', shape: [2], data: Uint8Array.of(0, 255) },
  { name: 'x', datatype: 'UINT16', shape: [2], data: Uint16Array.of(1, 65_535) },
  { name: 'x', datatype: 'UINT32', shape: [2], data: Uint32Array.of(1, 2 ** 32 - 1) },
  { name: 'x', datatype: 'UINT64', shape: [2], data: BigUint64Array.of(1n, 2n ** 64n - 1n) },
  { name: 'x', datatype: 'INT8', shape: [2], data: Int8Array.of(-128, 127) },
  { name: 'x', datatype: 'INT16', shape: [2], data: Int16Array.of(-32_768, 1) },
  { name: 'x', datatype: 'INT32', shape: [1, 2], data: Int32Array.of(-(2 ** 31), 1) },
  { name: 'x', datatype: 'INT64', shape: [2], data: BigInt64Array.of(-(2n ** 63n), 5n) },
  { name: 'x', datatype: 'FP16', shape: [2], data: Uint16Array.of(0x3c00, 0x7e00) },
  { name: 'x', datatype: 'FP32', shape: [2], data: Float32Array.of(1.5, Number.NaN) },
  { name: 'x', datatype: 'FP64', shape: [2], data: Float64Array.of(1e300, -0) },
  { name: 'x', datatype: 'BYTES', shape: [2, 2], data: ['', 'grün', 'x'.repeat(1000), '日'] },
];

describe('the bytes of a tensor', () => {
  it.each(tensors.map((tensor) => [tensor.datatype, tensor] as const))('of %s read back as they were', (_, tensor) => {
    const spec = { name: 'x', datatype: tensor.datatype, shape: tensor.shape.map(() => -1) };
    const bytes = tensorBytes(tensor);
    for (const shift of [0, 1, 3]) {
      const moved = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift);
      expect(readBinaryTensor({ datatype: tensor.datatype, shape: tensor.shape, bytes: moved }, spec)).toEqual(tensor);
    }
  });

  it('are not copied when they are most of an aligned body', () => {
    const body = Buffer.from(new ArrayBuffer(4096));
    const tensor = readBinaryTensor(
      { datatype: 'FP32', shape: [1000, 1], bytes: body.subarray(96) },
      { name: 'x', datatype: 'FP32', shape: [-1, 1] },
    );
    expect((tensor.data as Float32Array).buffer).toBe(body.buffer);
  });

  it('are copied when they are a small part, so that the rest of the body is not kept', () => {
    const body = Buffer.from(new ArrayBuffer(4096));
    const tensor = readBinaryTensor(
      { datatype: 'FP32', shape: [1, 1], bytes: body.subarray(96, 100) },
      { name: 'x', datatype: 'FP32', shape: [-1, 1] },
    );
    expect((tensor.data as Float32Array).buffer.byteLength).toBe(4);
  });

  it('that stand for true and false are 0 and 1', () => {
    const spec = { name: 'x', datatype: 'BOOL' as const, shape: [-1] };
    expect(() => readBinaryTensor({ datatype: 'BOOL', shape: [1], bytes: Buffer.from([2]) }, spec)).toThrow('0 or 1');
  });
});

describe('a request that is bytes alone', () => {
  it('is one row whose width its size decides', () => {
    const bytes = tensorBytes({ name: 'x', datatype: 'FP32', shape: [3], data: Float32Array.of(1, 2, 3) });
    expect(readRawRequest(bytes, [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }])).toMatchObject({
      shape: [1, 3],
      data: Float32Array.of(1, 2, 3),
    });
    expect(readRawRequest(bytes, [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }]).shape).toEqual([1, 3]);
    const text = readRawRequest(Buffer.from('grün'), [{ name: 'x', datatype: 'BYTES', shape: [-1, 1] }]);
    expect(text.data).toEqual(['grün']);
  });

  it('is refused when it does not fit, or leaves more than one dimension open', () => {
    const fp32 = (shape: number[]) => [{ name: 'x', datatype: 'FP32' as const, shape }];
    expect(() => readRawRequest(Buffer.alloc(8), fp32([-1, 3]))).toThrow('12 bytes');
    expect(() => readRawRequest(Buffer.alloc(10), fp32([-1, -1]))).toThrow('8 bytes');
    expect(() => readRawRequest(Buffer.alloc(0), fp32([-1, -1]))).toThrow('shape');
    expect(() => readRawRequest(Buffer.alloc(8), fp32([-1, -1, -1]))).toThrow('a shape as well');
  });
});
