import { isReservedName } from '@fairlead/num';
import type { ModelDescription, OnnxAdapter, OnnxGraph, TensorSpec } from '../../../platform/inference/index.js';
import type { ModelInput, ModelSignature } from '../../training/index.js';
import type { DeclaredField, MlModel } from './mlmodel-rules.js';

export interface ForeignModel {
  readonly description: Pick<ModelDescription, 'inputs' | 'outputs'>;
  readonly graph: OnnxGraph;
  readonly mlModel: MlModel | null;
}

export interface PackagePlan {
  readonly signature: ModelSignature;
  readonly adapter: OnnxAdapter;
}

type Planned<T> = T | { readonly problem: string };

/** How a model becomes a package: named columns in, label and probabilities or one number out. Else the reason why not. */
export function planPackage(model: ForeignModel): Planned<PackagePlan> {
  const inputs = planInputs(model);
  if ('problem' in inputs) return inputs;
  const outputs = planOutputs(model);
  if ('problem' in outputs) return outputs;
  const { task } = outputs;
  const names = inputs.columns.map(({ name }) => name);
  const odd = names.find((name, at) => isReservedName(name, task) || names.indexOf(name) !== at);
  const given = outputs.outputs.find(({ name }) => names.includes(name));
  if (given !== undefined) return { problem: `it has a column and an output of the name '${given.name}'.` };
  if (odd !== undefined)
    return { problem: `its column '${odd}' stands twice or has a name that packages use themselves.` };
  const target = model.mlModel?.outputs?.[0]?.name;
  return {
    signature: {
      task,
      inputs: inputs.columns,
      target: target == null || names.includes(target) ? 'prediction' : target,
      labels: outputs.labels,
      contextColumns: [],
      ...(inputs.ownTensor !== undefined && { ownTensor: inputs.ownTensor }),
    },
    adapter: {
      inputs: inputs.columns.map(({ name, type }) => ({ name, datatype: type === 'string' ? 'BYTES' : 'FP32' })),
      feeds: inputs.feeds,
      outputs: outputs.outputs,
      withoutNodes: outputs.withoutNodes,
    },
  };
}

interface OutputPlan {
  readonly task: 'classification' | 'regression';
  readonly labels: readonly string[];
  readonly outputs: OnnxAdapter['outputs'];
  readonly withoutNodes: readonly string[];
}

function planOutputs({ description, graph, mlModel }: ForeignModel): Planned<OutputPlan> {
  const zipMap = graph.nodes.find(
    ({ operator, outputs }) => operator === 'ai.onnx.ml.ZipMap' && graph.outputs.includes(outputs[0] ?? ''),
  );
  const label = description.outputs.find(
    ({ datatype, shape }) => ['INT64', 'BYTES'].includes(datatype) && shape.length === 1,
  );
  const floats = description.outputs.filter(({ datatype }) => datatype === 'FP32');
  const from = zipMap?.inputs[0] ?? floats.find(({ shape }) => shape.length === 2)?.name;
  const declared = zipMap?.classLabels ?? labelsOf(graph) ?? mlModel?.labels ?? null;
  // Without labels a whole number beside a matrix is no class, only two outputs.
  if (label === undefined || (declared === null && label.datatype === 'INT64')) return planNumbers(description.outputs);
  if (from === undefined)
    return { problem: `beside the label ${label.name} it gives no probabilities [rows, labels].` };
  const labels = declared;
  if (labels === null) {
    return { problem: 'its graph does not say which label each probability belongs to; convert it with a ZipMap.' };
  }
  const width = floats.find(({ name }) => name === from)?.shape[1] ?? -1;
  if (width !== -1 && width !== labels.length) {
    return { problem: `it declares ${labels.length} labels but gives ${width} probabilities.` };
  }
  return {
    task: 'classification',
    labels,
    outputs: [
      { name: 'label', from: label.name, datatype: label.datatype, shape: [-1] },
      { name: 'probabilities', from, datatype: 'FP32', shape: [-1, labels.length] },
      ...description.outputs.filter((output) => output !== label && output.name !== from && isKept(output)).map(asItIs),
    ],
    withoutNodes: zipMap === undefined ? [] : [zipMap.outputs[0] ?? ''],
  };
}

const KEPT: readonly string[] = ['FP32', 'FP64', 'INT64', 'INT32', 'INT8', 'UINT8', 'BOOL', 'BYTES'];

/** Whether an endpoint can give it: something per row. */
const isKept = ({ datatype, shape }: TensorSpec) => KEPT.includes(datatype) && shape[0] === -1;

const asItIs = ({ name, datatype, shape }: TensorSpec) => ({ name, from: name, datatype, shape });

/**
 * Numbers: the first output of one float per row is the prediction, else the first of floats, else of whole numbers, which become FP64. What
 * else a model gives keeps its name.
 */
function planNumbers(outputs: readonly TensorSpec[]): Planned<OutputPlan> {
  const odd = outputs.find((output) => !isKept(output));
  const isFloat = ({ datatype }: TensorSpec) => datatype === 'FP32' || datatype === 'FP64';
  const isOnePerRow = ({ shape }: TensorSpec) => shape.slice(1).every((size) => size === 1);
  const main =
    outputs.find((output) => isFloat(output) && isOnePerRow(output)) ??
    outputs.find(isFloat) ??
    outputs.find(({ datatype }) => datatype.includes('INT'));
  if (main === undefined || odd !== undefined) {
    const list = outputs.map(({ name, datatype, shape }) => `${name} ${datatype} [${shape.join(', ')}]`);
    return {
      problem: `endpoints give a label with probabilities, or tensors of [rows, …] with a number among them, and it gives ${list.join(', ')}.`,
    };
  }
  const { name: from, datatype, shape } = main;
  const prediction = isFloat(main)
    ? { name: 'prediction', from, datatype, shape }
    : { name: 'prediction', from, datatype: 'FP64' as const, shape, cast: true };
  const others = outputs.filter((output) => output !== main);
  if (others.some(({ name }) => name === 'prediction' || name.startsWith('fl/'))) {
    return { problem: 'an output that is not its number is named prediction.' };
  }
  return { task: 'regression', labels: [], outputs: [prediction, ...others.map(asItIs)], withoutNodes: [] };
}

/** The labels that the classifiers of the graph agree on. */
function labelsOf({ nodes }: OnnxGraph): readonly string[] | null {
  const declared = nodes.flatMap(({ classLabels }) => (classLabels === null ? [] : [classLabels]));
  const [first] = declared;
  return first !== undefined && declared.every((labels) => labels.join('\n') === first.join('\n')) ? first : null;
}

interface InputPlan {
  readonly columns: readonly ModelInput[];
  readonly feeds: OnnxAdapter['feeds'];
  readonly ownTensor?: NonNullable<ModelSignature['ownTensor']>;
}

const READABLE: readonly string[] = ['FP32', 'BYTES', 'INT64', 'INT32', 'INT8', 'UINT8', 'BOOL'];

/** A wider tensor is no list of columns: an image of 56 by 56 in three colours still is. */
const MAX_COLUMNS = 10_000;

function planInputs({ description: { inputs }, mlModel, graph }: ForeignModel): Planned<InputPlan> {
  const odd = inputs.find(
    ({ datatype, shape }) =>
      !READABLE.includes(datatype) || shape.length < 2 || (inputs.length > 1 && shape.length > 2),
  );
  if (odd !== undefined) {
    const why =
      odd.datatype === 'FP64'
        ? 'endpoints compute in FP32, and rounding its inputs would change answers; convert it with FloatTensorType.'
        : 'endpoints read FP32, whole numbers up to INT64, BOOL and text of [rows, columns], or one tensor of [rows, …].';
    return { problem: `its input ${odd.name} is ${odd.datatype} [${odd.shape.join(', ')}]: ${why}` };
  }
  const declared = columnsOf(mlModel);
  const [only] = inputs;
  if (inputs.length === 1 && only !== undefined) return planOneTensor(only, declared);
  const wide = inputs.find(({ shape }) => shape[1] !== 1);
  if (wide !== undefined) {
    return { problem: `of several inputs each is one column, and ${wide.name} is [${wide.shape.join(', ')}].` };
  }
  const columns = inputs.map((input) => {
    const column = columnOf(
      input.name,
      input,
      declared?.find(({ name }) => name === input.name),
    );
    const categories = input.datatype === 'BYTES' ? categoriesOf(graph, input.name) : undefined;
    return categories === undefined ? column : { ...column, categories };
  });
  const feeds = inputs.map(({ name, datatype }) => ({ input: name, datatype, columns: [name] }));
  return { columns, feeds };
}

/** The texts that the one-hot encoder knows which reads this input, through whatever only passes it on. */
function categoriesOf({ nodes }: OnnxGraph, input: string): readonly string[] | undefined {
  const reached = new Set([input]);
  for (const { operator, inputs, outputs, categories } of nodes) {
    if (!reached.has(inputs[0] ?? '')) continue;
    if (categories !== null) return categories;
    // What joins columns makes of them something else.
    if (operator !== 'Concat') for (const output of outputs) reached.add(output);
  }
  return undefined;
}

/**
 * One tensor [rows, k], or of more dimensions, is made of k columns, row-major, named in the order of the MLmodel signature; without names
 * they are `input_0`, `input_1`, …
 */
function planOneTensor(input: TensorSpec, declared: readonly DeclaredField[] | null): Planned<InputPlan> {
  const [, ...inner] = input.shape;
  const known = inner.every((size) => size > 0) ? inner.reduce((product, size) => product * size, 1) : undefined;
  const width = known ?? (inner.length === 1 ? declared?.length : undefined);
  if (width === undefined || width < 1) {
    return {
      problem: `its input ${input.name} is [${input.shape.join(', ')}] and no signature names the columns; log it with one.`,
    };
  }
  if (width > MAX_COLUMNS) {
    return {
      problem: `its input ${input.name} is [${input.shape.join(', ')}]: ${width} columns, and endpoints read ${MAX_COLUMNS}.`,
    };
  }
  if (declared !== null && declared.length !== width) {
    return { problem: `its signature names ${declared.length} columns, and its input ${input.name} takes ${width}.` };
  }
  const columns = Array.from({ length: width }, (_, at) => {
    const field = declared?.[at];
    return columnOf(field?.name ?? (width === 1 ? input.name : `${input.name}_${at}`), input, field);
  });
  const shape = inner.length > 1 ? [-1, ...inner] : undefined;
  const feed = {
    ...{ input: input.name, datatype: input.datatype, columns: columns.map(({ name }) => name) },
    ...(shape !== undefined && { shape }),
  };
  if (columns.some(({ name }) => name === input.name)) return { columns, feeds: [feed] };
  const ownTensor = { name: input.name, datatype: input.datatype, shape: shape ?? [-1, width] };
  return { columns, feeds: [feed], ownTensor };
}

/** The named columns of a signature; null where there is none or where it is one of tensors. */
function columnsOf(mlModel: MlModel | null): readonly DeclaredField[] | null {
  const inputs = mlModel?.inputs ?? null;
  return inputs !== null && inputs.length > 0 && inputs.every(({ type, name }) => type !== 'tensor' && name !== null)
    ? inputs
    : null;
}

function columnOf(name: string, { datatype }: TensorSpec, field: DeclaredField | undefined): ModelInput {
  const type =
    datatype === 'BYTES'
      ? 'string'
      : datatype === 'BOOL' || field?.type === 'boolean'
        ? 'boolean'
        : /^U?INT/.test(datatype) || ['integer', 'long'].includes(field?.type ?? '')
          ? 'integer'
          : 'number';
  // A missing number is NaN, which only floats have.
  return { name, type, nullable: field?.required === false && (datatype === 'FP32' || datatype === 'BYTES') };
}
