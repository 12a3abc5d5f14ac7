import type { FeatureNeeds } from '../trainers/trainer-definition.js';
import type { ColumnSpec, PreprocessSpec } from './preprocess-spec.js';
import type { PreprocessDecision } from './preprocess-types.js';
import { requireColumn, type TableView } from './table-view.js';

export interface InferredPreprocessing {
  readonly spec: PreprocessSpec;
  /** One per column: what becomes of it and why. */
  readonly decisions: readonly PreprocessDecision[];
}

/** What suits a linear model, and every other one too. */
const CAREFUL: FeatureNeeds = { scale: true, missing: 'impute', categories: 'one-hot' };

/** Preprocessing for these columns as their kinds suggest and a trainer needs it. @throws NUM_COLUMN */
export function inferPreprocessSpec(
  table: TableView,
  names: readonly string[],
  needs: FeatureNeeds = CAREFUL,
): InferredPreprocessing {
  const columns: ColumnSpec[] = [];
  const decisions: PreprocessDecision[] = [];
  const missing = needs.missing === 'accept' ? 'missing cells stay as they are' : 'missing cells are imputed';
  for (const name of names) {
    const { kind } = requireColumn(table, name, ['float64', 'boolean', 'string']);
    if (kind === 'float64') {
      const impute = needs.missing === 'accept' ? 'none' : 'median';
      columns.push({ name, kind: 'numeric', impute, scale: needs.scale ? 'standard' : 'none' });
      decisions.push({ column: name, choice: needs.scale ? 'scaled number' : 'number', reason: `numbers; ${missing}` });
    } else if (kind === 'boolean') {
      columns.push({ name, kind: 'boolean', impute: needs.missing === 'accept' ? 'none' : 'most-frequent' });
      decisions.push({ column: name, choice: 'boolean', reason: `true or false; ${missing}` });
    } else {
      const encoding = needs.categories === 'codes' ? 'codes' : 'auto';
      columns.push({ name, kind: 'category', encoding });
      decisions.push({ column: name, choice: 'category', reason: 'texts' });
    }
  }
  return { spec: { columns }, decisions };
}
