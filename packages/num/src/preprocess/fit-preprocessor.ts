import type { FeatureMatrix } from '../linalg/matrix.js';
import { numErrors } from '../num-errors.js';
import { parsePreprocessSpec } from './check-preprocess-spec.js';
import { fitParts } from './fit-parts.js';
import { fitSteps } from './fit-steps.js';
import { joinPreprocessor } from './join-preprocessor.js';
import type { PreprocessSpec } from './preprocess-spec.js';
import type { FittedPreprocessing, LearnedPart, PreprocessTarget } from './preprocess-types.js';
import type { TableView } from './table-view.js';

export interface FitPreprocessorOptions {
  /** Of the rows of the table; target encoding and selection by a target need it. */
  readonly target?: PreprocessTarget;
  /** Folds of target encoding. Default 0. */
  readonly seed?: number;
}

/**
 * Learns preprocessing from training rows. Train on `training`, not on `preprocessor.transform(table)`: the two differ
 * where a column is encoded by the target, and only the first is out of fold.
 *
 * @throws NUM_RANGE for a specification that is wrong or too many categories; NUM_COLUMN for a column that is absent or
 *   of another kind; NUM_TOO_FEW for a column without values; NUM_NOT_FINITE for infinite values.
 */
export function fitPreprocessor(
  table: TableView,
  spec: PreprocessSpec,
  options: FitPreprocessorOptions = {},
): FittedPreprocessing {
  parsePreprocessSpec(spec);
  if (table.rowCount === 0) throw numErrors.NUM_TOO_FEW('There are no rows to learn preprocessing from.');
  const { target, seed = 0 } = options;
  const { learned, columns, decisions } = fitParts(table, spec.columns, { target, seed });
  const { steps, training, specs } = fitSteps(trainingOf(table, learned), spec.steps ?? [], target);
  const preprocessor = joinPreprocessor({
    spec: { columns, ...(specs.length > 0 && { steps: specs }) },
    decisions,
    parts: learned.map(({ part }) => part),
    steps,
  });
  return Object.freeze({ preprocessor, training });
}

/** Features of the training rows before the steps; parts learned out of fold give their own. */
function trainingOf(table: TableView, learned: readonly LearnedPart[]): FeatureMatrix {
  const rowCount = table.rowCount;
  const featureNames = learned.flatMap(({ part }) => part.features.map(({ name }) => name));
  const values = new Float32Array(rowCount * featureNames.length);
  let from = 0;
  for (const { part, training } of learned) {
    const to = from + part.features.length * rowCount;
    const out = values.subarray(from, to);
    if (training) training(out);
    else part.transform(table, out);
    from = to;
  }
  return Object.freeze({ values, rowCount, featureCount: featureNames.length, featureNames });
}
