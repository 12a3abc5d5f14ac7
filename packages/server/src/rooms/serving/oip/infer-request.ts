import type { NamedTensor, TensorSpec } from '../../../platform/inference/index.js';
import type { LiveModel } from '../serving-types.js';
import { readBinaryTensor, readRawRequest } from './binary-tensors.js';
import { checkFinite } from './check-finite.js';
import {
  isMembers,
  type Members,
  type Parameters,
  readBinarySize,
  readFlag,
  readParameters,
} from './infer-parameters.js';
import { badTensor, hasJsonForm, readJsonTensor } from './json-tensors.js';
import { inputForm } from './own-tensor.js';

/** A request as both REST and gRPC have it. */
export interface InferRequest {
  /** '' when the caller gave none. */
  readonly id: string;
  readonly tensors: NamedTensor[];
  /** The asked outputs in their order; absent: all. */
  readonly outputs: readonly string[] | undefined;
  /** Names of the outputs whose answer goes as bytes behind the JSON. */
  readonly binary: ReadonlySet<string>;
  /** One per row: the request's id, with the row's place when there are several rows. */
  readonly rowIds: string[] | undefined;
}

type Model = Pick<LiveModel, 'inputs' | 'outputs' | 'signature'>;

const MAX_ID = 200;

/**
 * Reads an inference request of the Open Inference Protocol v2: JSON, and behind it the bytes of those tensors that have a
 * `binary_data_size`, in the order of the inputs.
 *
 * @throws SRV_TENSOR_INVALID, SRV_UNSUPPORTED
 */
export function parseInferRequest(body: unknown, model: Model, bytes: Buffer = NO_BYTES): InferRequest {
  if (!isMembers(body)) throw badTensor('The request', { got: body, expected: 'an object with inputs' });
  const parameters = readParameters('parameters', body.parameters);
  if (!Array.isArray(body.inputs)) throw badTensor('inputs', { got: body.inputs, expected: 'an array of tensors' });
  const names = body.inputs.map((input) => (isMembers(input) ? input.name : undefined));
  const { specs, toColumns } = inputForm(names, model);
  const tensors = [...toColumns(readInputs(body.inputs, specs, bytes))];
  const { outputs, binary } = readOutputs(body.outputs, parameters, model.outputs);
  return finishRequest({ id: body.id, parameters, tensors, outputs, binary }, model);
}

const NO_BYTES = Buffer.alloc(0);

/** A request that is nothing but the bytes of its one input; all outputs are binary. @throws SRV_TENSOR_INVALID */
export function parseRawRequest(bytes: Buffer, model: Model): InferRequest {
  const binary = new Set(model.outputs.map(({ name }) => name));
  const tensors = [readRawRequest(bytes, model.inputs)];
  return finishRequest({ id: undefined, parameters: {}, tensors, outputs: undefined, binary }, model);
}

/** What holds for every request, however its tensors came. @throws SRV_TENSOR_INVALID */
export function finishRequest(
  request: Pick<InferRequest, 'tensors' | 'outputs' | 'binary'> & { id: unknown; parameters: Parameters },
  model: Model,
): InferRequest {
  const { id = '', parameters, tensors, outputs, binary } = request;
  if (!(typeof id === 'string' && id.length <= MAX_ID)) {
    throw badTensor('id', { got: id, expected: `a string of at most ${MAX_ID} characters` });
  }
  const rows = countBatch(tensors, model.inputs);
  if (readFlag('parameters', parameters, 'allow_nan') !== true) checkFinite(tensors, model.signature);
  return { id, tensors, outputs, binary, rowIds: id === '' ? undefined : rows === 1 ? [id] : tensorIds(id, rows) };
}

const tensorIds = (id: string, rows: number) => Array.from({ length: rows }, (_, row) => `${id}/${row}`);

function readInputs(inputs: readonly unknown[], specs: readonly TensorSpec[], bytes: Buffer): NamedTensor[] {
  const byName = new Map<string, NamedTensor>();
  let at = 0;
  inputs.forEach((input, i) => {
    const place = `inputs[${i}]`;
    if (!isMembers(input)) throw badTensor(place, { got: input, expected: 'a tensor' });
    const spec = specOf(specs, input.name, place);
    if (byName.has(spec.name)) throw badTensor(`${place}.name`, { got: input.name, expected: 'each input once' });
    const size = readBinarySize(`${place}.parameters`, readParameters(`${place}.parameters`, input.parameters));
    byName.set(
      spec.name,
      size === undefined ? readJsonTensor(input, spec) : binaryPart(input, spec, { size, at, bytes }),
    );
    at += size ?? 0;
  });
  if (at !== bytes.length) {
    throw badTensor('The body behind the JSON', { got: `${bytes.length} bytes`, expected: `${at}, as its inputs say` });
  }
  return inOrder(byName, specs);
}

function binaryPart(
  input: Members,
  spec: TensorSpec,
  { size, at, bytes }: { size: number; at: number; bytes: Buffer },
): NamedTensor {
  if (input.data !== undefined) {
    throw badTensor(`Input ${spec.name}`, { got: 'data and binary_data_size', expected: 'one of them' });
  }
  if (at + size > bytes.length) {
    const got = `${bytes.length - at} bytes`;
    throw badTensor(`Input ${spec.name}: binary data`, { got, expected: `binary_data_size, ${size} bytes` });
  }
  const { datatype, shape } = input;
  return readBinaryTensor({ datatype, shape, bytes: bytes.subarray(at, at + size) }, spec);
}

/** The model's input of that name. @throws SRV_TENSOR_INVALID */
export function specOf(specs: readonly TensorSpec[], name: unknown, place: string): TensorSpec {
  const spec = specs.find((candidate) => candidate.name === name);
  if (spec !== undefined) return spec;
  throw badTensor(`${place}.name`, { got: name, expected: `one of ${namesOf(specs)}` });
}

/** The tensors in the model's order. @throws SRV_TENSOR_INVALID when one is missing */
export function inOrder(byName: ReadonlyMap<string, NamedTensor>, specs: readonly TensorSpec[]): NamedTensor[] {
  return specs.map(({ name }) => {
    const tensor = byName.get(name);
    if (tensor !== undefined) return tensor;
    throw badTensor(`Input ${name}`, { got: undefined, expected: `each of ${namesOf(specs)}` });
  });
}

const namesOf = (specs: readonly TensorSpec[]) => specs.map(({ name }) => name).join(', ');

/** Rows in the request: inputs whose first dimension is free must agree on it. */
function countBatch(tensors: readonly NamedTensor[], specs: readonly TensorSpec[]): number {
  const free = tensors.filter((_, i) => specs[i]?.shape[0] === -1);
  const rows = free[0]?.shape[0] ?? 1;
  const odd = free.find(({ shape }) => shape[0] !== rows);
  if (odd === undefined) return rows;
  throw badTensor(`Input ${odd.name}: rows`, { got: odd.shape[0], expected: `${rows}, as in ${free[0]?.name}` });
}

function readOutputs(
  asked: unknown,
  parameters: Parameters,
  specs: readonly TensorSpec[],
): Pick<InferRequest, 'outputs' | 'binary'> {
  const whole = readFlag('parameters', parameters, 'binary_data_output') ?? false;
  if (asked !== undefined && !Array.isArray(asked)) throw badTensor('outputs', { got: asked, expected: 'an array' });
  const binary = new Set<string>();
  const add = (name: string, isBinary: boolean) => {
    const { datatype } = specs.find((spec) => spec.name === name) ?? {};
    if (isBinary) binary.add(name);
    else if (datatype !== undefined && !hasJsonForm(datatype)) {
      throw badTensor(`Output ${name}`, {
        got: `${datatype} as JSON`,
        expected: 'binary_data: JSON has no form for it',
      });
    }
    return name;
  };
  // The protocol reads an empty list as no list.
  if (asked === undefined || asked.length === 0) {
    for (const { name } of specs) add(name, whole);
    return { outputs: undefined, binary };
  }
  const outputs = asked.map((output: unknown, i) => {
    if (!isMembers(output) || typeof output.name !== 'string') {
      throw badTensor(`outputs[${i}]`, { got: output, expected: 'an object with a name' });
    }
    const place = `outputs[${i}].parameters`;
    return add(output.name, readFlag(place, readParameters(place, output.parameters), 'binary_data') ?? whole);
  });
  return { outputs, binary };
}
