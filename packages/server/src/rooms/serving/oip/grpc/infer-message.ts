import { ProtoReader } from '../../../../platform/grpc/index.js';
import { badTensor } from '../json-tensors.js';

/** `ModelInferRequest` with its tensors not yet read: for that one has to know the model. */
export interface InferMessage {
  readonly model: string;
  readonly version: string;
  readonly id: string;
  readonly parameters: Record<string, string | number | bigint | boolean>;
  readonly inputs: readonly TensorMessage[];
  readonly outputs: readonly { readonly name: string; readonly parameters: Record<string, unknown> }[];
  /** `raw_input_contents`, views into the message. */
  readonly raw: readonly Buffer[];
}

/** `InferInputTensor`; `contents` is the message `InferTensorContents`, when there is one. */
export interface TensorMessage {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly parameters: Record<string, unknown>;
  readonly contents: Buffer | undefined;
}

type Values = Record<string, string | number | bigint | boolean>;

/** Reads `inference.ModelInferRequest` without copying tensors. @throws GRPC_MESSAGE_INVALID, SRV_TENSOR_INVALID */
export function readInferMessage(bytes: Buffer): InferMessage {
  const reader = new ProtoReader(bytes);
  const texts = { model: '', version: '', id: '' };
  const parameters: Values = {};
  const inputs: TensorMessage[] = [];
  const outputs: { name: string; parameters: Values }[] = [];
  const raw: Buffer[] = [];
  while (reader.next()) {
    if (reader.field === 1) texts.model = reader.text();
    else if (reader.field === 2) texts.version = reader.text();
    else if (reader.field === 3) texts.id = reader.text();
    else if (reader.field === 4) addParameter(parameters, reader.message());
    else if (reader.field === 5) inputs.push(readTensorMessage(reader.message()));
    else if (reader.field === 6) outputs.push(readOutput(reader.message()));
    else if (reader.field === 7) raw.push(reader.bytes());
    else reader.skip();
  }
  return { parameters, inputs, outputs, raw, ...texts };
}

function readTensorMessage(reader: ProtoReader): TensorMessage {
  let name = '';
  let datatype = '';
  const shape: number[] = [];
  const parameters: Values = {};
  let contents: Buffer | undefined;
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) datatype = reader.text();
    else if (reader.field === 3) readShape(reader, shape);
    else if (reader.field === 4) addParameter(parameters, reader.message());
    else if (reader.field === 5) contents = reader.bytes();
    else reader.skip();
  }
  return { name, datatype, shape, parameters, contents };
}

/** More dimensions than any model has; a shape of millions would only cost time. */
const MAX_RANK = 64;

function readShape(reader: ProtoReader, shape: number[]): void {
  reader.int64s((dim) => {
    shape.push(dim);
    if (shape.length > MAX_RANK) throw badTensor('A shape', { got: shape, expected: `at most ${MAX_RANK} dimensions` });
  });
}

function readOutput(reader: ProtoReader): { name: string; parameters: Values } {
  const output = { name: '', parameters: {} as Values };
  while (reader.next()) {
    if (reader.field === 1) output.name = reader.text();
    else if (reader.field === 2) addParameter(output.parameters, reader.message());
    else reader.skip();
  }
  return output;
}

/** An entry of a `map<string, InferParameter>`; also of the map of the repository calls, whose fields begin the same way. */
export function addParameter(parameters: Values, reader: ProtoReader): void {
  let name = '';
  let value: Values[string] = '';
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) value = readParameter(reader.message());
    else reader.skip();
  }
  Object.defineProperty(parameters, name, { value, enumerable: true, configurable: true, writable: true });
}

function readParameter(reader: ProtoReader): Values[string] {
  let value: Values[string] = '';
  while (reader.next()) {
    if (reader.field === 1) value = reader.bool();
    else if (reader.field === 2) value = safe(reader.int64());
    else if (reader.field === 3) value = reader.text();
    else if (reader.field === 4) value = reader.double();
    else if (reader.field === 5) value = safe(reader.uint64());
    else reader.skip();
  }
  return value;
}

function safe(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
