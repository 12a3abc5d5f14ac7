import { type Column, columnOf, countMissing, isPresent, type Table } from '@fairlead/frame';
import { isReservedName, type PreprocessDecision, type Task, textRole } from '@fairlead/num';
import { trainingErrors } from './training-errors.js';
import type { ModelInput, ModelSignature } from './training-types.js';

export interface FeatureChoice {
  readonly task: Task;
  readonly target: string;
  readonly features?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly time: string | null;
  readonly entity: readonly string[];
}

/**
 * The columns a model shall read, in table order or as named. Without names: every column but target, time, entity,
 * timestamps and `exclude`. A timestamp that is named is read by its parts: year, month, weekday, hour.
 *
 * @throws TRN_FEATURE_NOT_FOUND, TRN_FEATURE_KIND, TRN_NO_FEATURE
 */
export function chooseFeatures(table: Table, choice: FeatureChoice): string[] {
  const { task, target, features, exclude = [], time, entity } = choice;
  for (const name of [...(features ?? []), ...exclude]) requireColumn(table, name);
  const left = new Set([target, ...exclude, ...entity, ...(time === null ? [] : [time])]);
  const chosen = features ?? [...table.columns.keys()].filter((name) => !left.has(name) && !isTime(table, name));
  for (const name of chosen) {
    const problem = problemOf(name, {
      task,
      isTarget: name === target,
      exclude,
    });
    if (problem === undefined) continue;
    throw trainingErrors.TRN_FEATURE_KIND(`Column ${name} cannot be a feature: ${problem}.`, {
      data: { column: name, problem },
    });
  }
  if (new Set(chosen).size < chosen.length) {
    throw trainingErrors.TRN_FEATURE_KIND('A feature is named twice.', { data: { features: chosen } });
  }
  if (chosen.length > 0) return [...chosen];
  throw trainingErrors.TRN_NO_FEATURE(`Of the columns ${[...table.columns.keys()].join(', ')} none is a feature.`, {
    data: { columns: [...table.columns.keys()], left: [...left] },
  });
}

function problemOf(
  name: string,
  column: { task: Task; isTarget: boolean; exclude: readonly string[] },
): string | undefined {
  if (column.isTarget) return 'it is the target';
  if (column.exclude.includes(name)) return 'it is also excluded';
  return isReservedName(name, column.task) ? 'a packaged model uses that name itself; rename the column' : undefined;
}

function requireColumn(table: Table, name: string): void {
  if (table.columns.has(name)) return;
  const columns = [...table.columns.keys()];
  throw trainingErrors.TRN_FEATURE_NOT_FOUND(`There is no column ${name}; there are ${columns.join(', ')}.`, {
    data: { column: name, columns },
  });
}

const isTime = (table: Table, name: string) => columnOf(table, name).kind === 'timestamp';

/** More texts than this in one column make tables of the package that nobody has tried. */
const MAX_CATEGORIES = 10_000;

export interface ReadableFeatures {
  readonly features: readonly string[];
  /** Texts that no model should learn from, and why. */
  readonly leftOut: readonly PreprocessDecision[];
}

/**
 * The features without those whose texts name the row (keys) or are too many; everything else has an encoding. What is left
 * out is told, and only when nothing is left is it refused.
 *
 * @throws TRN_TOO_MANY_CATEGORIES
 */
export function leaveOutKeys(table: Table, features: readonly string[]): ReadableFeatures {
  const leftOut: PreprocessDecision[] = [];
  for (const name of features) {
    const reason = keyProblem(table, name);
    if (reason !== undefined) leftOut.push({ column: name, choice: 'left out', reason });
  }
  const left = features.filter((name) => leftOut.every(({ column }) => column !== name));
  if (left.length > 0) return { features: left, leftOut };
  const reasons = leftOut.map(({ column, reason }) => `${column}: ${reason}`);
  throw trainingErrors.TRN_TOO_MANY_CATEGORIES(`No feature is left: ${reasons.slice(0, 5).join('; ')}.`, {
    data: { reasons: reasons.slice(0, 20), max: MAX_CATEGORIES },
  });
}

/** Why no model can learn from a column of texts; undefined for one that can be encoded and for other kinds. */
export function keyProblem(table: Table, name: string): string | undefined {
  if (columnOf(table, name).kind !== 'string') return undefined;
  const { role, distinct, present } = textRole(table, name);
  if (role === 'key') return `${distinct} of ${present} texts differ: a key that names the row`;
  if (role !== 'category' || distinct <= MAX_CATEGORIES) return undefined;
  return `${distinct} categories; at most ${MAX_CATEGORIES} can be encoded`;
}

/**
 * What a model trained on these rows takes and gives: ranges, categories and what may be missing.
 *
 * @param integers columns whose contract says whole numbers.
 * @throws TRN_FEATURE_EMPTY, TRN_NOT_FINITE, TRN_TOO_FINE
 */
export function describeSignature(
  table: Table,
  options: {
    task: Task;
    features: readonly string[];
    target: string;
    labels: readonly string[];
    integers?: readonly string[];
  },
): ModelSignature {
  const { task, features, target, labels, integers = [] } = options;
  const inputs = features.map((name) => describeInput(name, columnOf(table, name), integers.includes(name)));
  const contextColumns = [...table.columns.keys()].filter((name) => name !== target && !features.includes(name));
  return { task, inputs, target, labels, contextColumns };
}

function describeInput(name: string, column: Column, integer: boolean): ModelInput {
  const rowCount = column.kind === 'string' ? column.codes.length : column.values.length;
  if (countMissing(column.validity, rowCount) === rowCount) throw empty(name);
  if (column.kind === 'string') {
    const seen = new Set<string>();
    let missing = false;
    for (let row = 0; row < rowCount; row += 1) {
      const value = isPresent(column.validity, row) ? column.dictionary[column.codes[row] as number] : '';
      // The empty text is how a packaged model is told that a text is missing.
      if (value === '' || value === undefined) missing = true;
      else seen.add(value);
    }
    const listed = seen.size <= MAX_LISTED ? { categories: [...seen].sort() } : {};
    return { name, type: 'string', ...listed, nullable: missing };
  }
  // Numbers and truth values are always imputed by the package.
  if (column.kind === 'boolean') return { name, type: 'boolean', nullable: true };
  if (column.kind === 'timestamp') return { name, type: 'timestamp', nullable: true };
  const range = rangeOf(name, column);
  return { name, type: integer ? 'integer' : 'number', ...range, nullable: true };
}

/** More categories than this are not listed in a signature: any text is then as good as another. */
const MAX_LISTED = 256;

/** Rounding by more of the spread than this is a loss of signal; times in seconds since 1970 have 64 s of it. */
const MAX_ROUNDING_RATIO = 0.01;

function rangeOf(name: string, column: Exclude<Column, { kind: 'string' }>): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let rounding = 0;
  let count = 0;
  let mean = 0;
  let m2 = 0;
  for (let row = 0; row < column.values.length; row += 1) {
    const value = column.values[row] as number;
    if (Number.isNaN(value) || !isPresent(column.validity, row)) continue;
    if (!Number.isFinite(Math.fround(value))) {
      throw trainingErrors.TRN_NOT_FINITE(`Column ${name} holds ${value} in row ${row}, which Float32 cannot hold.`, {
        data: { column: name, row, value: String(value) },
      });
    }
    if (value < min) min = value;
    if (value > max) max = value;
    rounding += (value - Math.fround(value)) ** 2;
    count += 1;
    const delta = value - mean;
    mean += delta / count;
    m2 += delta * (value - mean);
  }
  if (min > max) throw empty(name);
  const ratio = min === max ? 0 : Math.sqrt(rounding / m2);
  if (ratio > MAX_ROUNDING_RATIO) throw tooFine(name, { min, max, ratio });
  return { min, max };
}

function tooFine(name: string, { min, max, ratio }: { min: number; max: number; ratio: number }): Error {
  const lost = Math.round(Math.min(ratio, 1) * 100);
  return trainingErrors.TRN_TOO_FINE(
    `Column ${name} lies between ${min} and ${max}; rounded to Float32 its values move by ${lost} % of their spread.`,
    { data: { column: name, min, max, ratio } },
  );
}

function empty(name: string): Error {
  return trainingErrors.TRN_FEATURE_EMPTY(`Column ${name} has no value in the training rows.`, {
    data: { column: name },
  });
}
