import { DATATYPES } from './datatypes.js';
import { inferenceErrors } from './inference-errors.js';
import { JOINED, type ModelDescription, type NamedTensor, type TensorSpec } from './inference-types.js';

type Signature = Pick<ModelDescription, 'inputs' | 'outputs' | 'joins'>;

/** Whether the tensors are one that stands for all inputs of a model that takes it so. */
export function isJoined({ inputs, joins }: Signature, [only, ...others]: readonly NamedTensor[]): boolean {
  const { columns } = only ?? {};
  if (joins !== true || columns === undefined || others.length > 0 || columns.length !== inputs.length) return false;
  return inputs.every(({ name }, i) => columns[i] === name);
}

/**
 * Refuses what the runtime would silently accept or answer with its own words: missing, doubled and surplus inputs, and
 * inputs of the wrong datatype, rank, dimension or size. Values are not looked at.
 *
 * @throws INF_INPUT_MISSING, INF_INPUT_UNKNOWN, INF_INPUT_DATATYPE, INF_INPUT_SHAPE, INF_INPUT_SIZE
 */
export function checkInputs(model: Signature, tensors: readonly NamedTensor[]): void {
  const { inputs: specs } = model;
  if (isJoined(model, tensors)) {
    checkTensor({ name: JOINED, datatype: 'FP32', shape: [-1, specs.length] }, tensors[0] as NamedTensor);
    return;
  }
  // In the model's own order, as nearly every request has them, nothing needs to be looked up.
  if (tensors.length === specs.length && specs.every(({ name }, i) => tensors[i]?.name === name)) {
    for (let i = 0; i < specs.length; i += 1) checkTensor(specs[i] as TensorSpec, tensors[i] as NamedTensor);
    return;
  }
  const expected = specs.map((spec) => spec.name);
  const seen = new Set<string>();
  for (const tensor of tensors) {
    const spec = specs.find((candidate) => candidate.name === tensor.name);
    if (spec === undefined || seen.has(tensor.name)) {
      const problem = spec === undefined ? `has no input ${tensor.name}` : `was given the input ${tensor.name} twice`;
      throw inferenceErrors.INF_INPUT_UNKNOWN(`The model ${problem}; it takes ${expected.join(', ')}.`, {
        data: { tensor: tensor.name, expected },
      });
    }
    seen.add(tensor.name);
    checkTensor(spec, tensor);
  }
  const missing = expected.filter((name) => !seen.has(name));
  if (missing.length > 0) {
    throw inferenceErrors.INF_INPUT_MISSING(`The model also needs ${missing.join(', ')}.`, {
      data: { missing, got: [...seen], expected },
    });
  }
}

function checkTensor(spec: TensorSpec, tensor: NamedTensor): void {
  if (tensor.datatype !== spec.datatype || !DATATYPES[spec.datatype].holds(tensor.data)) {
    const got =
      tensor.datatype === spec.datatype ? `${tensor.datatype} in a ${tensor.data.constructor.name}` : tensor.datatype;
    throw inferenceErrors.INF_INPUT_DATATYPE(`Input ${spec.name} is ${got}, but the model takes ${spec.datatype}.`, {
      data: { tensor: spec.name, got, expected: spec.datatype, holder: DATATYPES[spec.datatype].holder },
    });
  }
  const { shape } = tensor;
  const fits = (dim: number, axis: number) =>
    Number.isSafeInteger(dim) && dim > 0 && (spec.shape[axis] === -1 || spec.shape[axis] === dim);
  if (shape.length !== spec.shape.length || !shape.every(fits)) {
    throw inferenceErrors.INF_INPUT_SHAPE(
      `Input ${spec.name} has shape [${shape.join(', ')}], but the model takes [${spec.shape.join(', ')}].`,
      { data: { tensor: spec.name, got: [...shape], expected: [...spec.shape] } },
    );
  }
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (size !== tensor.data.length) {
    throw inferenceErrors.INF_INPUT_SIZE(
      `Input ${spec.name} has ${tensor.data.length} elements, but its shape [${shape.join(', ')}] holds ${size}.`,
      { data: { tensor: spec.name, got: tensor.data.length, expected: size } },
    );
  }
}

/** The outputs to compute: the asked ones in order, or all. @throws INF_OUTPUT_UNKNOWN */
export function checkOutputs({ outputs }: Signature, asked: readonly string[] | undefined): readonly string[] {
  const known = outputs.map((spec) => spec.name);
  if (asked === undefined) return known;
  const names = asked.filter((name, i) => known.includes(name) && asked.indexOf(name) === i);
  if (names.length !== asked.length || names.length === 0) {
    const unknown = asked.filter((name) => !known.includes(name));
    const problem =
      unknown.length > 0 ? `There is no output ${unknown.join(', ')}` : 'Outputs are named twice or not at all';
    throw inferenceErrors.INF_OUTPUT_UNKNOWN(`${problem}; the model gives ${known.join(', ')}.`, {
      data: { got: [...asked], expected: known },
    });
  }
  return names;
}
