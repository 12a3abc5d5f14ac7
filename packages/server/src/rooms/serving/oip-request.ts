import type { NamedTensor, TensorSpec } from '../../platform/inference/index.js';
import { badTensor, readTensor, tensorJson } from './oip-tensors.js';
import { servingErrors } from './serving-errors.js';
import type { PredictResult } from './serving-types.js';

type Members = Readonly<Record<string, unknown>>;

export interface InferRequest {
  readonly id: string | undefined;
  readonly tensors: NamedTensor[];
  readonly outputs: string[] | undefined;
  /** One per row: the request's id, with the row's place when there are several rows. */
  readonly rowIds: string[] | undefined;
}

const MAX_ID = 200;

/**
 * Reads the body of an Open Inference Protocol v2 inference request (REST, JSON tensors) for a model with these inputs.
 *
 * @throws SRV_TENSOR_INVALID, SRV_UNSUPPORTED
 */
export function parseInferRequest(body: unknown, specs: readonly TensorSpec[]): InferRequest {
  if (!isMembers(body)) throw badTensor('The request', { got: body, expected: 'an object with inputs' });
  const { id, parameters, inputs, outputs } = body;
  if (id !== undefined && !(typeof id === 'string' && id.length <= MAX_ID)) {
    throw badTensor('id', { got: id, expected: `a string of at most ${MAX_ID} characters` });
  }
  checkParameters('parameters', parameters);
  if (!Array.isArray(inputs)) throw badTensor('inputs', { got: inputs, expected: 'an array of tensors' });
  const tensors = readInputs(inputs, specs);
  const rows = countBatch(tensors, specs);
  const rowIds = id === undefined || id === '' ? undefined : rows === 1 ? [id] : tensorIds(id, rows);
  return { id, tensors, outputs: readOutputs(outputs), rowIds };
}

const tensorIds = (id: string, rows: number) => Array.from({ length: rows }, (_, row) => `${id}/${row}`);

function readInputs(inputs: readonly unknown[], specs: readonly TensorSpec[]): NamedTensor[] {
  const expected = specs.map(({ name }) => name).join(', ');
  const byName = new Map<string, NamedTensor>();
  inputs.forEach((input, i) => {
    const place = `inputs[${i}]`;
    if (!isMembers(input)) throw badTensor(place, { got: input, expected: 'a tensor' });
    const spec = specs.find(({ name }) => name === input.name);
    if (spec === undefined) throw badTensor(`${place}.name`, { got: input.name, expected: `one of ${expected}` });
    if (byName.has(spec.name)) throw badTensor(`${place}.name`, { got: input.name, expected: 'each input once' });
    checkParameters(`${place}.parameters`, input.parameters);
    byName.set(spec.name, readTensor(input, spec));
  });
  return specs.map(({ name }) => {
    const tensor = byName.get(name);
    if (tensor === undefined) throw badTensor(`Input ${name}`, { got: undefined, expected: `each of ${expected}` });
    return tensor;
  });
}

/** Rows in the request: inputs whose first dimension is free must agree on it. */
function countBatch(tensors: readonly NamedTensor[], specs: readonly TensorSpec[]): number {
  const free = tensors.filter((_, i) => specs[i]?.shape[0] === -1);
  const rows = free[0]?.shape[0] ?? 1;
  const odd = free.find(({ shape }) => shape[0] !== rows);
  if (odd === undefined) return rows;
  throw badTensor(`Input ${odd.name}: rows`, { got: odd.shape[0], expected: `${rows}, as in ${free[0]?.name}` });
}

function readOutputs(outputs: unknown): string[] | undefined {
  if (outputs === undefined) return undefined;
  if (!Array.isArray(outputs)) throw badTensor('outputs', { got: outputs, expected: 'an array' });
  // The protocol reads an empty list as no list.
  if (outputs.length === 0) return undefined;
  return outputs.map((output: unknown, i) => {
    if (!isMembers(output) || typeof output.name !== 'string') {
      throw badTensor(`outputs[${i}]`, { got: output, expected: 'an object with a name' });
    }
    checkParameters(`outputs[${i}].parameters`, output.parameters);
    return output.name;
  });
}

const BINARY = ['binary_data_size', 'binary_data', 'binary_data_output'];

/** Parameters we do not know are hints and may be ignored; one that changes the format of the body may not. */
function checkParameters(place: string, parameters: unknown): void {
  if (parameters === undefined) return;
  if (!isMembers(parameters)) throw badTensor(place, { got: parameters, expected: 'an object' });
  for (const [name, value] of Object.entries(parameters)) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw badTensor(`${place}.${name.slice(0, 60)}`, { got: value, expected: 'a string, number or boolean' });
    }
    if (BINARY.includes(name) && value !== false) {
      throw servingErrors.SRV_UNSUPPORTED(`${place}.${name}: tensors in binary form are not offered here.`, {
        data: { parameter: name },
      });
    }
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The body of the answer. */
export function inferResponseJson(result: PredictResult, { name, id }: { name: string; id: string }): string {
  const head = JSON.stringify({ model_name: name, model_version: String(result.version), id }).slice(0, -1);
  return `${head},"outputs":[${result.tensors.map(tensorJson).join(',')}]}`;
}
