import { bytesField, numberField } from '../protobuf-fields.js';

export interface ExternalEntry {
  readonly location?: string;
  readonly offset?: string;
  readonly length?: string;
  readonly checksum?: string;
}

const float = (values: readonly number[]) => Buffer.from(Float32Array.from(values).buffer);

/** The weights of {@link externalModel} as its side file: four of the product, then the bias. */
export const WEIGHTS = float([2, 3, 5, 7, 0.5]);

/** FLOAT [dims] in a side file. */
function externalTensor(name: string, dims: readonly number[], entries: readonly ExternalEntry[]): Buffer {
  const pairs = entries.flatMap((entry) =>
    Object.entries(entry).map(([key, value]) =>
      bytesField(13, Buffer.concat([bytesField(1, key), bytesField(2, value as string)])),
    ),
  );
  const shape = dims.map((size) => numberField(1, size));
  return Buffer.concat([...shape, numberField(2, 1), bytesField(8, name), ...pairs, numberField(14, 1)]);
}

function value(name: string, dims: readonly (number | string)[], type = 1): Buffer {
  const shape = dims.map((size) =>
    bytesField(1, typeof size === 'string' ? bytesField(2, size) : numberField(1, size)),
  );
  const tensor = Buffer.concat([numberField(1, type), bytesField(2, Buffer.concat(shape))]);
  return Buffer.concat([bytesField(1, name), bytesField(2, bytesField(1, tensor))]);
}

function node(operator: string, inputs: readonly string[], output: string, attributes: readonly Buffer[] = []): Buffer {
  const names = inputs.map((name) => bytesField(1, name));
  return bytesField(1, Buffer.concat([...names, bytesField(2, output), bytesField(4, operator), ...attributes]));
}

/** A Constant node with the tensor as its attribute, AttributeProto.type TENSOR. */
function constant(tensor: Buffer, output: string): Buffer {
  const attribute = Buffer.concat([bytesField(1, 'value'), bytesField(5, tensor), numberField(20, 4)]);
  return node('Constant', [], output, [bytesField(5, attribute)]);
}

/**
 * y = x·[2, 3, 5, 7] + 0.5 on x [rows, 4], whose weights are an initializer and whose bias is an attribute, both in side files.
 * What is given replaces how the weights are placed.
 */
export function externalModel({
  weights = { location: 'model.onnx.data', offset: '0', length: '16' },
  bias = { location: 'model.onnx.data', offset: '16', length: '4' },
  weightDims = [4, 1],
}: {
  weights?: ExternalEntry | readonly ExternalEntry[];
  bias?: ExternalEntry;
  weightDims?: readonly number[];
} = {}): Buffer {
  const graph = Buffer.concat([
    constant(externalTensor('b', [1], [bias]), 'b'),
    node('MatMul', ['x', 'w'], 'm'),
    node('Add', ['m', 'b'], 'y'),
    bytesField(2, 'g'),
    bytesField(5, externalTensor('w', weightDims, Array.isArray(weights) ? weights : [weights as ExternalEntry])),
    bytesField(11, value('x', ['rows', 4])),
    bytesField(12, value('y', ['rows', 1])),
  ]);
  return Buffer.concat([numberField(1, 8), bytesField(7, graph), bytesField(8, numberField(2, 17))]);
}

/** AttributeProto: INT is 2, INTS is 7. */
function whole(name: string, values: number | readonly number[]): Buffer {
  const parts =
    typeof values === 'number'
      ? [numberField(3, values), numberField(20, 2)]
      : [...values.map((one) => numberField(8, one)), numberField(20, 7)];
  return bytesField(5, Buffer.concat([bytesField(1, name), ...parts]));
}

/**
 * Of an image UINT8 [rows, 2, 2, 1] the place of its brightest pixel (INT64 [rows]), that pixel (FP32 [rows, 1]) and all of them
 * (FP32 [rows, 4]); or the place alone.
 */
export function imageModel({ placeOnly = false, side = 2 } = {}): Buffer {
  const others = [bytesField(12, value('brightest', ['rows', 1])), bytesField(12, value('pixels', ['rows', 4]))];
  const graph = Buffer.concat([
    node('Cast', ['image'], 'floats', [whole('to', 1)]),
    node('Flatten', ['floats'], 'pixels'),
    node('ArgMax', ['pixels'], 'place', [whole('axis', 1), whole('keepdims', 0)]),
    node('ReduceMax', ['pixels'], 'brightest', [whole('axes', [1])]),
    bytesField(2, 'g'),
    bytesField(11, value('image', ['rows', side, side, 1], 2)),
    bytesField(12, value('place', ['rows'], 7)),
    ...(placeOnly ? [] : others),
  ]);
  return Buffer.concat([numberField(1, 8), bytesField(7, graph), bytesField(8, numberField(2, 17))]);
}
