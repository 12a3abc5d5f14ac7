import { canonicalJson } from '@fairlead/kernel';
import { checkLength } from '../checks.js';
import { numErrors } from '../num-errors.js';
import type { FittedPreprocessor, RawInput } from '../preprocess/preprocess-types.js';
import type { FittedLogisticRegression } from '../trainers/linear/logistic-regression.js';
import type { FittedRandomForest } from '../trainers/trees/random-forest.js';
import { writeForest } from './onnx-forest.js';
import { OnnxGraph } from './onnx-graph.js';
import { writeLogistic } from './onnx-logistic.js';
import { writePreprocessor } from './onnx-preprocess.js';

export type FittedClassifier = FittedLogisticRegression | FittedRandomForest;

/** What a model file says of itself, in metadata_props under `fairlead.signature`. */
export interface ModelSignature {
  readonly version: 1;
  readonly inputs: readonly (RawInput & {
    readonly type: 'float32' | 'string';
    /** Known categories; '' stands for missing. An unknown one is accepted and gives all zeros. */
    readonly categories?: readonly string[];
  })[];
  readonly outputs: readonly { readonly name: string; readonly type: 'string' | 'int64' | 'float32' }[];
  readonly labels: readonly (string | number)[];
}

export interface ExportClassifierInput {
  readonly preprocessor: FittedPreprocessor;
  readonly model: FittedClassifier;
  /** Label of class code 0, 1, …: all strings or all safe integers. */
  readonly classLabels: readonly string[] | readonly number[];
  /** Further metadata_props, for example a dataset digest. A `fairlead.signature` here stands in for the written one. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes one ONNX graph from raw columns to label and probabilities (ai.onnx 19, ai.onnx.ml 3, IR 9).
 *
 * Inputs: one per raw column, shape [N, 1]; float32 for numbers and booleans (NaN = missing), string for categories
 * ('' = missing). Outputs: `label` [N] (string or int64), `probabilities` float32 [N, K]. No sequences or maps, which
 * onnxruntime-node cannot return. Equal input gives equal bytes.
 *
 * @throws NUM_SHAPE when labels or features do not fit the model; NUM_RANGE for mixed labels or a reserved name.
 */
export function exportClassifier(input: ExportClassifierInput): Uint8Array {
  const { preprocessor, model, classLabels } = input;
  checkLength('classLabels', classLabels.length, model.classCount);
  checkLength('preprocessor.featureNames', preprocessor.featureNames.length, model.featureCount);
  const labels = labelTensor(classLabels);
  checkNames(preprocessor.inputs);
  const graph = new OnnxGraph();
  const features = writePreprocessor(graph, preprocessor);
  const probabilities =
    model.kind === 'random-forest' ? writeForest(graph, model, features) : writeLogistic(graph, model, features);
  const best = graph.node({
    op: 'ArgMax',
    inputs: [probabilities],
    output: 'fl/class_code',
    attributes: { axis: { int: 1 }, keepdims: { int: 0 } },
  });
  const table = graph.constant(labels.values, [classLabels.length]);
  graph.node({ op: 'Gather', inputs: [table, best], output: 'label', attributes: { axis: { int: 0 } } });
  graph.output('label', labels.type, ['N']).output('probabilities', 'float', ['N', model.classCount]);
  const signature = signatureOf(preprocessor, classLabels);
  return graph.finish('fairlead', { 'fairlead.signature': canonicalJson(signature), ...input.metadata });
}

/** The signature that {@link exportClassifier} writes. */
export function signatureOf(
  preprocessor: FittedPreprocessor,
  classLabels: readonly string[] | readonly number[],
): ModelSignature {
  return {
    version: 1,
    inputs: preprocessor.inputs.map((raw) => {
      if (raw.kind !== 'category') return { ...raw, type: 'float32' };
      const categories = preprocessor.category.find((stage) => stage.name === raw.name)?.categories ?? [];
      return { ...raw, type: 'string', categories };
    }),
    outputs: [
      { name: 'label', type: typeof classLabels[0] === 'number' ? 'int64' : 'string' },
      { name: 'probabilities', type: 'float32' },
    ],
    labels: classLabels,
  };
}

function labelTensor(labels: readonly (string | number)[]) {
  if (labels.every((label) => typeof label === 'string')) return { type: 'string' as const, values: labels };
  if (labels.every((label) => Number.isSafeInteger(label))) {
    return { type: 'int64' as const, values: BigInt64Array.from(labels, (label) => BigInt(label)) };
  }
  throw numErrors.NUM_RANGE('classLabels must be all strings or all safe integers.', { data: { labels } });
}

/** Names of the graph's own values start with this, so that a raw column may be called anything else. */
const PREFIX = 'fl/';

function checkNames(inputs: readonly RawInput[]): void {
  const taken = inputs.find(
    ({ name }) => name === '' || name === 'label' || name === 'probabilities' || name.startsWith(PREFIX),
  );
  if (taken) {
    throw numErrors.NUM_RANGE(
      `An input may not be named "${taken.name}": the graph uses that name. Rename the column.`,
      {
        data: { name: taken.name },
      },
    );
  }
}
