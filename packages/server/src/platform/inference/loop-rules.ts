import type { RunCost } from './run-cost.js';

/** What one run may take of the event loop that serves all requests. */
export const LOOP_BUDGET_MS = 0.5;
/** Opening a file blocks the loop for about 25 ms per megabyte. */
const MAX_LOOP_BYTES = 8 * 2 ** 20;

/**
 * Operators whose time and memory follow from the sizes of their inputs alone: none holds a sub-graph, none is of a
 * domain that somebody made up, and of none does a value decide how large the output is (no Expand, Range, Tile, Pad, OneHot …;
 * Reshape keeps the number of elements).
 */
const BOUNDED = new Set([
  ...[
    'Abs',
    'Add',
    'And',
    'ArgMax',
    'ArgMin',
    'Cast',
    'Ceil',
    'Clip',
    'Concat',
    'Constant',
    'Cos',
    'Div',
    'Equal',
    'Erf',
  ],
  ...['Exp', 'Flatten', 'Floor', 'Gather', 'Gelu', 'Gemm', 'Greater', 'GreaterOrEqual', 'Identity', 'IsInf', 'IsNaN'],
  ...[
    'LayerNormalization',
    'LeakyRelu',
    'Less',
    'LessOrEqual',
    'Log',
    'LogSoftmax',
    'MatMul',
    'Max',
    'Mean',
    'Min',
    'Mod',
  ],
  ...['Mul', 'Neg', 'Not', 'Or', 'Pow', 'Reciprocal', 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceSum'],
  ...['ReduceSumSquare', 'Relu', 'Reshape', 'Round', 'Sigmoid', 'Sign', 'Sin', 'Slice', 'Softmax', 'Split', 'Sqrt'],
  ...['Squeeze', 'Sub', 'Sum', 'Tanh', 'Transpose', 'Unsqueeze', 'Where', 'Xor', 'BatchNormalization', 'Elu', 'Selu'],
  ...[
    ...['ArrayFeatureExtractor', 'Binarizer', 'FeatureVectorizer', 'Imputer', 'LabelEncoder', 'LinearClassifier'],
    ...['LinearRegressor', 'Normalizer', 'OneHotEncoder', 'SVMClassifier', 'SVMRegressor', 'Scaler', 'TreeEnsemble'],
    ...['TreeEnsembleClassifier', 'TreeEnsembleRegressor', 'ZipMap'],
  ].map((operator) => `ai.onnx.ml.${operator}`),
]);

export interface PlacedModel {
  /** `domain.Operator`, or `Operator` alone for the standard ones. */
  readonly operators: readonly string[];
  readonly sizeBytes: number;
}

/** Whether a model may compute on the event loop at all, for runs that are short enough: {@link rowsOnLoop}. */
export function mayRunOnLoop({ operators, sizeBytes }: PlacedModel): boolean {
  return operators.length > 0 && sizeBytes <= MAX_LOOP_BYTES && operators.every((operator) => BOUNDED.has(operator));
}

/** How many rows one run on the event loop may have by what runs have cost; 0: none, the thread is better. */
export function rowsOnLoop(cost: RunCost): number {
  return cost.rowsWithin(LOOP_BUDGET_MS);
}
