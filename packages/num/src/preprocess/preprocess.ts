import type { FeatureMatrix } from '../linalg/matrix.js';
import { numErrors } from '../num-errors.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';
import { writePreprocessor } from '../onnx/onnx-preprocess.js';
import { applyNumericStage, fitNumericStage, rawNumbers } from './preprocess-numeric.js';
import type { CategorySpec, CategoryStage, FittedPreprocessor, PreprocessSpec, RawInput } from './preprocess-types.js';
import { isMissing, requireColumn, type TableView } from './table-view.js';

/**
 * Learns imputation, scaling and categories from training rows. The result is what {@link exportModel} writes
 * into the model file, step for step in Float32, so training and serving cannot disagree.
 *
 * @throws NUM_COLUMN for a column that is absent or of another kind (timestamps: derive numbers from them first);
 *   NUM_RANGE for too many categories; NUM_TOO_FEW for a column without values.
 */
export function fitPreprocessor(table: TableView, spec: PreprocessSpec): FittedPreprocessor {
  const repeated = spec.find((column, i) => spec.findIndex((other) => other.name === column.name) !== i);
  if (repeated) throw numErrors.NUM_COLUMN(`Column ${repeated.name} stands twice in the specification.`);
  const numbers = spec.filter((column) => column.kind !== 'category');
  const numeric = fitNumericStage(table, numbers);
  const category = spec.filter((column) => column.kind === 'category').map((column) => fitCategory(table, column));
  const inputs: RawInput[] = spec.map(({ name, kind }) => {
    if (kind !== 'category') return { name, kind, missing: 'impute' };
    const learned = category.find((stage) => stage.name === name);
    return { name, kind, missing: learned?.categories.includes('') ? 'category' : 'zeros' };
  });
  const featureNames = [
    ...numeric.names,
    ...category.flatMap(({ name, categories }) => categories.map((value) => `${name}=${value || '(missing)'}`)),
  ];
  const stages = { inputs, numeric, category, featureNames };
  return Object.freeze({
    ...stages,
    transform: (rows: TableView) => transform(rows, stages),
    writeOnnx: (graph: OnnxGraph) => writePreprocessor(graph, stages),
  });
}

/** A specification that takes every named column as its kind suggests: float64 numeric, boolean, string category. */
export function inferPreprocessSpec(table: TableView, names: readonly string[]): PreprocessSpec {
  return names.map((name) => {
    const { kind } = requireColumn(table, name, ['float64', 'boolean', 'string']);
    return { name, kind: kind === 'float64' ? 'numeric' : kind === 'boolean' ? 'boolean' : 'category' };
  });
}

function fitCategory(table: TableView, spec: CategorySpec): CategoryStage {
  const { name, maxCategories = 256 } = spec;
  const { codes, dictionary, validity } = requireColumn(table, name, ['string']);
  const seen = new Set<string>();
  for (let row = 0; row < codes.length; row++) seen.add(isMissing(validity, row) ? '' : dictionary[codes[row]]);
  if (seen.size > maxCategories) {
    throw numErrors.NUM_RANGE(
      `Column ${name} has ${seen.size} categories, more than maxCategories ${maxCategories}. Raise it, or leave out the column.`,
      { data: { column: name, observed: seen.size, maxCategories } },
    );
  }
  return { name, categories: [...seen].sort((a, b) => (a < b ? -1 : 1)) };
}

function transform(
  table: TableView,
  stages: Pick<FittedPreprocessor, 'inputs' | 'numeric' | 'category' | 'featureNames'>,
): FeatureMatrix {
  const { numeric, category, featureNames } = stages;
  const rowCount = table.rowCount;
  const values = new Float32Array(rowCount * featureNames.length);
  let feature = 0;
  for (; feature < numeric.names.length; feature++) {
    const name = numeric.names[feature];
    const kind = stages.inputs.find((input) => input.name === name)?.kind === 'boolean' ? 'boolean' : 'numeric';
    const out = values.subarray(feature * rowCount, (feature + 1) * rowCount);
    applyNumericStage(numeric, feature, rawNumbers(table, { name, kind }), out);
  }
  for (const stage of category) {
    const { codes, dictionary, validity } = requireColumn(table, stage.name, ['string']);
    const indexOf = new Map(stage.categories.map((value, index) => [value, index]));
    const featureOf = Int32Array.from(dictionary, (value) => indexOf.get(value) ?? -1);
    const missing = indexOf.get('') ?? -1;
    for (let row = 0; row < rowCount; row++) {
      const index = isMissing(validity, row) ? missing : featureOf[codes[row]];
      if (index >= 0) values[(feature + index) * rowCount + row] = 1;
    }
    feature += stage.categories.length;
  }
  return Object.freeze({ values, rowCount, featureCount: featureNames.length, featureNames });
}
