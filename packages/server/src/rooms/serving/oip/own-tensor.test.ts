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
const wanted = [{ name: 'fl/columns', datatype: 'FP32', shape: [2, 4], data: Float32Array.from(data), columns }];

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

describe('all columns in one tensor', () => {
  const all = { name: 'columns', datatype: 'FP32', shape: [2, 4] };
  const other = (change: object) => ({ ...model, ...change }) as LiveModel;
  const signature = { ...model.signature, ownTensor: undefined };

  it('may be sent to every endpoint of numbers, in the order of its inputs', () => {
    for (const each of [model, other({ signature })]) {
      expect(parseInferRequest({ inputs: [{ ...all, data }] }, each).tensors).toEqual(wanted);
      const binary = { inputs: [{ ...all, parameters: { binary_data_size: 32 } }] };
      const bytes = Buffer.from(Float32Array.from(data).buffer);
      expect(parseInferRequest(binary, each, bytes).tensors).toEqual(wanted);
    }
  });

  it('names row and column of a cell that is not finite, where none may be missing', () => {
    const values = Float32Array.from(data);
    values[6] = Number.NaN;
    const request = { inputs: [{ ...all, parameters: { binary_data_size: 32 } }] };
    const read = (each: LiveModel) => parseInferRequest(request, each, Buffer.from(values.buffer));
    expect(() => read(model)).toThrow(/^Input x_2: row 1 is /);
    const nullable = { ...signature, inputs: signature.inputs.map((input) => ({ ...input, nullable: true })) };
    expect(read(other({ signature: nullable })).tensors).toHaveLength(1);
    values[6] = Number.POSITIVE_INFINITY;
    expect(() => read(other({ signature: nullable }))).toThrow(/^Input x_2: row 1 is /);
  });

  it('is refused of another width, for texts, and where a column has that name', () => {
    const refused = (each: LiveModel, change: object = {}) =>
      expect(() => parseInferRequest({ inputs: [{ ...all, data, ...change }] }, each)).toThrow(
        expect.objectContaining({ code: 'SRV_TENSOR_INVALID' }),
      );
    refused(model, { shape: [4, 2] });
    refused(model, { datatype: 'FP64' });
    const [first, ...rest] = model.inputs;
    refused(other({ signature, inputs: [{ ...first, datatype: 'BYTES' }, ...rest] }));
    refused(other({ signature, inputs: [{ ...first, name: 'columns' }, ...rest] }));
  });
});
