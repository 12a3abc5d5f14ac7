import { describe, expect, it } from 'vitest';
import type { LiveModel } from '../serving-types.js';
import { readInferCall } from './grpc/read-infer-call.js';
import { parseInferRequest } from './infer-request.js';

const columns = ['x_0', 'x_1', 'x_2', 'x_3'];
const model = {
  inputs: columns.map((name) => ({ name, datatype: 'FP32', shape: [-1, 1] })),
  outputs: [{ name: 'prediction', datatype: 'FP32', shape: [-1, 1] }],
  signature: {
    ...{ task: 'regression', target: 'y', labels: [], contextColumns: [] },
    inputs: columns.map((name) => ({ name, type: 'integer', nullable: false })),
    ownTensor: { name: 'x', datatype: 'UINT8', shape: [-1, 2, 2] },
  },
} as unknown as LiveModel;

const image = { name: 'x', datatype: 'UINT8', shape: [2, 2, 2] };
const data = [1, 2, 3, 4, 5, 6, 7, 8];
const wanted = columns.map((name, at) => ({
  ...{ name, datatype: 'FP32', shape: [2, 1] },
  data: Float32Array.of(at + 1, at + 5),
}));

describe('the one input that a model had where it was made', () => {
  it('may stand in a request in place of its columns: JSON, binary and over gRPC', () => {
    expect(parseInferRequest({ inputs: [{ ...image, data }] }, model).tensors).toEqual(wanted);
    const binary = { inputs: [{ ...image, parameters: { binary_data_size: 8 } }] };
    expect(parseInferRequest(binary, model, Buffer.from(data)).tensors).toEqual(wanted);
    const message = {
      inputs: [{ ...image, parameters: {} }],
      outputs: [],
      raw: [Buffer.from(data)],
      id: '',
      parameters: {},
    };
    expect(readInferCall(message as unknown as Parameters<typeof readInferCall>[0], model).tensors).toEqual(wanted);
  });

  it('is refused with another shape or type, twice, and beside its columns', () => {
    const refused = (...inputs: object[]) =>
      expect(() => parseInferRequest({ inputs }, model)).toThrow(
        expect.objectContaining({ code: 'SRV_TENSOR_INVALID' }),
      );
    refused({ ...image, shape: [2, 4], data });
    refused({ ...image, shape: [1, 2, 2], data });
    refused({ ...image, datatype: 'FP32', data });
    refused({ ...image, data }, { ...image, data });
    refused({ ...image, data }, { name: 'x_0', datatype: 'FP32', shape: [2, 1], data: [1, 2] });
  });
});
