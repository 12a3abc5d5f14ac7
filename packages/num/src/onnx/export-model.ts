import { checkLength } from '../checks.js';
import { numErrors } from '../num-errors.js';
import type { FittedPreprocessor, RawInput } from '../preprocess/preprocess-types.js';
import type { FittedModel, Task } from '../trainers/trainer-types.js';
import { OnnxGraph } from './onnx-graph.js';

export interface ExportModelInput {
  readonly preprocessor: FittedPreprocessor;
  readonly model: FittedModel;
  /** Of a classifier: label of class code 0, 1, …: all strings or all safe integers. */
  readonly classLabels?: readonly string[] | readonly number[];
  /** metadata_props. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes one ONNX graph from raw columns to the answer (ai.onnx 19, ai.onnx.ml 3, IR 9).
 *
 * Inputs: one per raw column, shape [N, 1], of the types that the preprocessor states (NaN and '' = missing). Outputs by
 * task: classification `label` [N] (string or int64) and `probabilities` [N, K]; regression `prediction` [N, 1];
 * clustering `cluster` int64 [N] and `distances` [N, K]; anomaly `anomaly` int64 [N] (1 where the score is above 0) and
 * `score` [N, 1]. Numbers are float32; no sequences or maps, which onnxruntime-node cannot return. Equal input gives
 * equal bytes.
 *
 * @throws NUM_SHAPE when labels or features do not fit the model; NUM_RANGE for mixed labels or a reserved name.
 */
export function exportModel(input: ExportModelInput): Uint8Array {
  const { preprocessor, model } = input;
  checkLength('preprocessor.featureNames', preprocessor.featureNames.length, model.featureCount);
  checkNames(preprocessor.inputs, model.task);
  // Steps may make a NaN of infinities that are raw values.
  const featuresComplete =
    preprocessor.steps.length === 0 && preprocessor.inputs.every((raw) => raw.missing !== 'keep');
  const graph = new OnnxGraph({ featuresComplete });
  const answer = model.writeOnnx(graph, preprocessor.writeOnnx(graph));
  switch (model.task) {
    case 'classification':
      writeClasses(graph, answer, { classCount: model.classCount, labels: input.classLabels ?? [] });
      break;
    case 'regression':
      graph.node({ op: 'Identity', inputs: [answer], output: 'prediction' });
      graph.output('prediction', 'float', ['N', 1]);
      break;
    case 'clustering':
      writeNearest(graph, answer, model.clusterCount);
      break;
    case 'anomaly':
      writeAnomaly(graph, answer);
  }
  return graph.finish('fairlead', input.metadata ?? {});
}

function writeClasses(
  graph: OnnxGraph,
  probabilities: string,
  { classCount, labels }: { classCount: number; labels: readonly string[] | readonly number[] },
): void {
  checkLength('classLabels', labels.length, classCount);
  const { type, values } = labelTensor(labels);
  graph.node({ op: 'Identity', inputs: [probabilities], output: 'probabilities' });
  const best = graph.node({
    op: 'ArgMax',
    inputs: [probabilities],
    attributes: { axis: { int: 1 }, keepdims: { int: 0 } },
  });
  const table = graph.constant(values, [classCount]);
  graph.node({ op: 'Gather', inputs: [table, best], output: 'label', attributes: { axis: { int: 0 } } });
  graph.output('label', type, ['N']).output('probabilities', 'float', ['N', classCount]);
}

function writeNearest(graph: OnnxGraph, distances: string, clusterCount: number): void {
  graph.node({ op: 'Identity', inputs: [distances], output: 'distances' });
  graph.node({
    op: 'ArgMin',
    inputs: [distances],
    output: 'cluster',
    attributes: { axis: { int: 1 }, keepdims: { int: 0 } },
  });
  graph.output('cluster', 'int64', ['N']).output('distances', 'float', ['N', clusterCount]);
}

function writeAnomaly(graph: OnnxGraph, score: string): void {
  graph.node({ op: 'Identity', inputs: [score], output: 'score' });
  const zero = graph.constant(Float32Array.of(0), [1]);
  const above = graph.node({ op: 'Greater', inputs: [score, zero] });
  const asInteger = graph.node({ op: 'Cast', inputs: [above], attributes: { to: { int: 7 } } });
  const shape = graph.constant(BigInt64Array.of(-1n), [1]);
  graph.node({ op: 'Reshape', inputs: [asInteger, shape], output: 'anomaly' });
  graph.output('anomaly', 'int64', ['N']).output('score', 'float', ['N', 1]);
}

function labelTensor(labels: readonly (string | number)[]) {
  if (labels.every((label) => typeof label === 'string')) return { type: 'string' as const, values: labels };
  if (labels.every((label) => Number.isSafeInteger(label))) {
    return { type: 'int64' as const, values: BigInt64Array.from(labels, (label) => BigInt(label)) };
  }
  throw numErrors.NUM_RANGE('classLabels must be all strings or all safe integers.', { data: { labels } });
}

/** Names of the outputs of a packaged model, by what it does. */
export const OUTPUT_NAMES: Readonly<Record<Task, readonly string[]>> = {
  classification: ['label', 'probabilities'],
  regression: ['prediction'],
  clustering: ['cluster', 'distances'],
  anomaly: ['anomaly', 'score'],
};

/** True when a raw column may not have this name, because the graph of a package uses it itself. */
export function isReservedName(name: string, task: Task): boolean {
  return name === '' || name.startsWith('fl/') || OUTPUT_NAMES[task].includes(name);
}

function checkNames(inputs: readonly RawInput[], task: Task): void {
  const taken = inputs.find(({ name }) => isReservedName(name, task));
  if (taken) {
    throw numErrors.NUM_RANGE(
      `An input may not be named "${taken.name}": the graph uses that name. Rename the column.`,
      { data: { name: taken.name } },
    );
  }
}
