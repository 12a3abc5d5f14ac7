import type { FeatureNeeds } from '../trainers/trainer-definition.js';
import { AUTO_ONE_HOT } from './category/fit-category.js';
import type { ColumnSpec, PreprocessSpec } from './preprocess-spec.js';
import type { PreprocessDecision } from './preprocess-types.js';
import { type ColumnView, isMissing, requireColumn, type TableView } from './table-view.js';
import { textRole } from './text/text-role.js';

export interface InferredPreprocessing {
  readonly spec: PreprocessSpec;
  /** One per column: what becomes of it and why. */
  readonly decisions: readonly PreprocessDecision[];
  /** Columns that no model should learn from; the decisions say why. */
  readonly leftOut: readonly string[];
}

/** What suits a linear model, and every other one too. */
const CAREFUL: FeatureNeeds = { scale: true, missing: 'impute', categories: 'one-hot' };

/** A gap in so many cells may itself say something. */
const INDICATOR_RATIO = 0.05;

/** Beyond so many categories codes no longer fit the 255 bins of histogram trainers, and categorical splits overfit. */
const MAX_CODES = 250;

/** From more categories on the mean of the target may serve better than codes. */
const MANY_CATEGORIES = 16;
const MAX_ONE_HOT = 256;

/** Undefined: left out. */
interface Choice {
  readonly column?: ColumnSpec;
  readonly choice: string;
  readonly reason: string;
}

/**
 * Preprocessing for these columns as their kinds and values suggest and a trainer needs it. Without any usable column the
 * specification is empty, and fitting it fails.
 *
 * @throws NUM_COLUMN for a column that is absent
 */
export function inferPreprocessSpec(
  table: TableView,
  names: readonly string[],
  needs: FeatureNeeds = CAREFUL,
): InferredPreprocessing {
  const columns: ColumnSpec[] = [];
  const decisions: PreprocessDecision[] = [];
  const leftOut: string[] = [];
  for (const name of names) {
    const { column, choice, reason } = chooseBlock(table, name, needs);
    if (column) columns.push(column);
    else leftOut.push(name);
    decisions.push({ column: name, choice, reason });
  }
  return { spec: { columns }, decisions, leftOut };
}

function chooseBlock(table: TableView, name: string, needs: FeatureNeeds): Choice {
  const column = requireColumn(table, name, ['float64', 'boolean', 'string', 'timestamp']);
  if (column.kind === 'string') return chooseText(table, name, needs);
  const missingRatio = 1 - presentCount(column, table.rowCount) / Math.max(table.rowCount, 1);
  if (missingRatio === 1) return { choice: 'left out', reason: 'no training row has a value' };
  // Where training has nothing missing, there is no side to learn: a gap that comes later is better filled than sent where most
  // rows go, and a graph of trees that need not look for NaN answers faster (see onnx-forest.ts).
  const keeps = needs.missing === 'accept' && missingRatio > 0;
  const missingIndicator = !keeps && missingRatio >= INDICATOR_RATIO;
  const flag = missingIndicator && { missingIndicator };
  const gaps = gapsInWords({ missingRatio, keeps, missingIndicator });
  switch (column.kind) {
    case 'float64':
      return {
        column: {
          ...{ name, kind: 'numeric', impute: keeps ? 'none' : 'median', scale: needs.scale ? 'standard' : 'none' },
          ...flag,
        },
        choice: needs.scale ? 'number, scaled' : 'number',
        reason: `a column of numbers${needs.scale ? '; the trainer weighs features by their scale' : ''}${gaps}`,
      };
    case 'boolean':
      return {
        column: { ...{ name, kind: 'boolean', impute: keeps ? 'none' : 'most-frequent' }, ...flag },
        choice: 'boolean',
        reason: `true or false${gaps}`,
      };
    case 'timestamp': {
      const cyclical = needs.times === undefined ? needs.scale : needs.times === 'cyclical';
      return {
        column: {
          ...{ name, kind: 'date', impute: keeps ? 'none' : 'most-frequent', cyclical },
          ...{ scale: needs.scale ? 'standard' : 'none' },
          ...flag,
        },
        choice: cyclical ? 'date parts as sine and cosine' : 'date parts',
        reason: `a time of itself never comes again, its parts do${gaps}`,
      };
    }
  }
}

function chooseText(table: TableView, name: string, needs: FeatureNeeds): Choice {
  const { role, distinct, present, words } = textRole(table, name);
  if (role === 'empty') return { choice: 'left out', reason: 'no training row has a value' };
  if (role === 'key') {
    return { choice: 'left out', reason: `${distinct} of ${present} texts differ: a key that names the row` };
  }
  if (role === 'text') {
    return {
      column: { name, kind: 'text' },
      choice: 'tf-idf',
      reason: `${distinct} of ${present} texts differ and have ${words.toFixed(1)} words on average`,
    };
  }
  const asked = manyCategories(name, distinct, needs);
  if (asked) return asked;
  const codes = needs.categories === 'codes' && distinct <= MAX_CODES;
  const reason =
    needs.categories === 'codes' && !codes
      ? `${distinct} categories, too many for categorical splits`
      : `${distinct} categories${codes ? ', which the trainer splits by itself' : ''}`;
  const column = { name, kind: 'category', encoding: codes ? 'codes' : 'auto' } as const;
  return { column, choice: codes ? 'codes' : 'category', reason };
}

function manyCategories(
  name: string,
  distinct: number,
  { manyCategories: wish, scale }: FeatureNeeds,
): Choice | undefined {
  if (wish === 'target' && distinct > MANY_CATEGORIES) {
    const column = { name, kind: 'category', encoding: 'target', scale: scale ? 'standard' : 'none' } as const;
    return { column, choice: 'target', reason: `${distinct} categories; the mean of the target per category` };
  }
  if (wish !== 'one-hot' || distinct <= AUTO_ONE_HOT) return undefined;
  const column = { name, kind: 'category', encoding: 'one-hot', maxCategories: MAX_ONE_HOT } as const;
  const kept = distinct > MAX_ONE_HOT ? `the ${MAX_ONE_HOT - 1} most frequent, the rest as one` : 'each';
  return { column, choice: 'one-hot', reason: `${distinct} categories; a feature for ${kept}` };
}

function presentCount({ values, validity }: Exclude<ColumnView, { kind: 'string' }>, rowCount: number): number {
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    const value = values[row];
    if (!Number.isNaN(value) && !isMissing(validity, row)) count++;
  }
  return count;
}

function gapsInWords(gaps: { missingRatio: number; keeps: boolean; missingIndicator: boolean }): string {
  if (gaps.missingRatio === 0) return '';
  const share = `${(100 * gaps.missingRatio).toFixed(1)} % missing`;
  if (gaps.keeps) return `; ${share}, which the trainer learns from`;
  return gaps.missingIndicator ? `; ${share}: imputed, and a feature says where` : `; ${share}: imputed`;
}
