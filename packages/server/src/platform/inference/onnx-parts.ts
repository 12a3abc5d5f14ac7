import type { Datatype } from './inference-types.js';
import { fieldsOf } from './onnx-metadata.js';
import { bytesField, numberField } from './protobuf-fields.js';

// Messages of an ONNX graph, written and read. Field numbers: onnx/onnx.proto.

/** TensorProto.DataType of what stands at the border of a graph made here. */
export const ELEMENT: Readonly<Partial<Record<Datatype, number>>> = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP64: 11,
};

const text = new TextDecoder();

/** NodeProto of a standard operator with one output. */
export function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Buffer[] = [],
): Buffer {
  const names = inputs.map((name) => bytesField(1, name));
  return Buffer.concat([...names, bytesField(2, output), bytesField(4, operator), ...attributes]);
}

/** AttributeProto; type 2 is INT. */
export function attribute(name: string, type: number, value: Buffer): Buffer {
  return bytesField(5, Buffer.concat([bytesField(1, name), value, numberField(20, type)]));
}

/** ValueInfoProto of a tensor; -1 = variable. */
export function valueInfo({
  name,
  datatype,
  shape,
}: {
  name: string;
  datatype: Datatype;
  shape: readonly number[];
}): Buffer {
  const dims = shape.map((size, axis) =>
    bytesField(1, size < 0 ? bytesField(2, axis === 0 ? 'rows' : `${name}_${axis}`) : numberField(1, size)),
  );
  const tensor = Buffer.concat([numberField(1, ELEMENT[datatype] ?? 0), bytesField(2, Buffer.concat(dims))]);
  return Buffer.concat([bytesField(1, name), bytesField(2, bytesField(1, tensor))]);
}

/** The texts of a message's fields of that number. */
export function textsOf(bytes: Uint8Array, field: number): string[] {
  const texts: string[] = [];
  for (const { number, bytes: part } of fieldsOf(bytes)) if (number === field && part) texts.push(text.decode(part));
  return texts;
}

/** The text of a message's first field of that number; '' when there is none. */
export function firstText(bytes: Uint8Array, field: number): string {
  for (const { number, bytes: part } of fieldsOf(bytes)) if (number === field && part) return text.decode(part);
  return '';
}
