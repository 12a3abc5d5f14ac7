import { type Column, columnLength, countMissing, isPresent, type StringColumn } from '@fairlead/frame';
import type { Task } from '@fairlead/num';
import type { ProblemTarget } from './engine/engine-types.js';
import { trainingErrors } from './training-errors.js';

/** The target as class codes 0..labels.length − 1, one per row. */
export interface EncodedTarget {
  readonly codes: Int32Array;
  readonly labels: readonly string[];
}

/** More distinct numbers than this are no classes. */
const MAX_NUMBER_CLASSES = 100;

/** The task that a target's kind suggests. @throws TRN_TARGET_KIND */
export function taskOfTarget(name: string, { kind }: Column): Task {
  if (kind === 'boolean' || kind === 'string') return 'classification';
  if (kind === 'float64') return 'regression';
  throw trainingErrors.TRN_TARGET_KIND(
    `The target ${name} is a ${kind}, but must be a number, a truth value or text.`,
    {
      data: { target: name, kind },
    },
  );
}

export interface TargetOptions {
  readonly task: Task;
  readonly labels?: readonly string[] | undefined;
  /** True for rows to judge by: not every class, and not two different numbers, need occur in them. */
  readonly partial?: boolean;
}

/**
 * The target as it is learned. A boolean gives the labels ["false", "true"] or the two given names in that order; text
 * and numbers as classes give their values sorted, or in the order of the given names.
 *
 * @throws TRN_TARGET_KIND, TRN_TARGET_MISSING, TRN_TARGET_CONSTANT, TRN_ONE_CLASS, TRN_NOT_FINITE, TRN_LABELS_INVALID
 */
export function encodeTarget(
  name: string,
  column: Column,
  { task, labels: given, partial = false }: TargetOptions,
): ProblemTarget {
  taskOfTarget(name, column);
  const rowCount = columnLength(column);
  const missing = countMissingCells(column, rowCount);
  if (missing > 0) {
    throw trainingErrors.TRN_TARGET_MISSING(`${missing} of ${rowCount} rows have no ${name}.`, {
      data: { target: name, missing, rows: rowCount },
    });
  }
  if (task === 'regression') return { kind: 'numbers', values: numbersOf(name, column, partial) };
  if (given !== undefined && new Set(given).size !== given.length) {
    throw trainingErrors.TRN_LABELS_INVALID(`The labels ${given.join(', ')} repeat a name.`, { data: { given } });
  }
  const encoded = encodeClasses(name, column, given);
  if (!partial) checkClasses(name, encoded);
  return { kind: 'classes', ...encoded };
}

/** NaN in a number is a missing cell of a target, too. */
function countMissingCells(column: Column, rowCount: number): number {
  if (column.kind !== 'float64') return countMissing(column.validity, rowCount);
  let missing = 0;
  for (let row = 0; row < rowCount; row += 1) {
    if (!isPresent(column.validity, row) || Number.isNaN(column.values[row])) missing += 1;
  }
  return missing;
}

function numbersOf(name: string, column: Column, partial: boolean): Float64Array {
  if (column.kind !== 'float64') {
    throw trainingErrors.TRN_TARGET_KIND(`The target ${name} is ${column.kind}, but a regression needs numbers.`, {
      data: { target: name, kind: column.kind },
    });
  }
  const bad = column.values.findIndex((value) => !Number.isFinite(Math.fround(value)));
  if (bad >= 0) {
    throw trainingErrors.TRN_NOT_FINITE(`The target ${name} is ${column.values[bad]} in row ${bad}.`, {
      data: { column: name, row: bad, value: String(column.values[bad]) },
    });
  }
  const first = column.values[0] as number;
  if (!partial && column.values.every((value) => value === first)) {
    throw trainingErrors.TRN_TARGET_CONSTANT(`Every row has ${name} = ${first}.`, {
      data: { target: name, value: first, rows: column.values.length },
    });
  }
  return column.values;
}

function encodeClasses(name: string, column: Column, given: readonly string[] | undefined): EncodedTarget {
  if (column.kind === 'boolean') return encodeBoolean(name, column.values, given);
  return column.kind === 'string'
    ? encodeText(column, given)
    : encodeNumbers(name, column.values as Float64Array, given);
}

function checkClasses(name: string, { codes, labels }: EncodedTarget): void {
  const counts = new Float64Array(labels.length);
  for (const code of codes) counts[code] = (counts[code] as number) + 1;
  const present = labels.filter((_, code) => (counts[code] as number) > 0);
  if (present.length < 2) {
    throw trainingErrors.TRN_ONE_CLASS(`Every row has ${name} = ${present[0] ?? 'nothing'}.`, {
      data: { target: name, rows: codes.length, label: present[0] ?? null },
    });
  }
  if (present.length < labels.length) {
    const absent = labels.filter((label) => !present.includes(label));
    throw trainingErrors.TRN_LABELS_INVALID(`No training row has ${name} = ${absent.join(' or ')}.`, {
      data: { target: name, absent },
    });
  }
}

/** Numbers as classes: the label is the number as text, in order of size. */
function encodeNumbers(name: string, values: Float64Array, given: readonly string[] | undefined): EncodedTarget {
  const used = new Set<number>();
  for (const value of values) {
    used.add(value);
    if (used.size > MAX_NUMBER_CLASSES) {
      throw trainingErrors.TRN_TARGET_KIND(
        `The target ${name} has more than ${MAX_NUMBER_CLASSES} distinct numbers: that is a regression.`,
        { data: { target: name, max: MAX_NUMBER_CLASSES } },
      );
    }
  }
  const sorted = [...used].sort((a, b) => a - b);
  const labels = given ?? sorted.map(String);
  const unknown = sorted.map(String).filter((value) => !labels.includes(value));
  if (unknown.length > 0) throw strangers(given, unknown);
  const codeOf = new Map(sorted.map((value) => [value, labels.indexOf(String(value))]));
  return { codes: Int32Array.from(values, (value) => codeOf.get(value) as number), labels };
}

function strangers(given: readonly string[] | undefined, unknown: readonly string[]): Error {
  const shown = unknown.slice(0, 10).join(', ');
  return trainingErrors.TRN_LABELS_INVALID(`The target also has the values ${shown}.`, { data: { given, unknown } });
}

function encodeBoolean(name: string, values: Uint8Array, given: readonly string[] | undefined): EncodedTarget {
  if (given !== undefined && given.length !== 2) {
    throw trainingErrors.TRN_LABELS_INVALID(`${name} is boolean and takes 2 label names, not ${given.length}.`, {
      data: { target: name, given },
    });
  }
  return { codes: Int32Array.from(values), labels: given ?? ['false', 'true'] };
}

function encodeText(column: StringColumn, given: readonly string[] | undefined): EncodedTarget {
  const used = new Set<string>();
  for (let row = 0; row < column.codes.length; row += 1) {
    if (isPresent(column.validity, row)) used.add(column.dictionary[column.codes[row] as number] as string);
  }
  const labels = given ?? [...used].sort();
  const unknown = [...used].filter((value) => !labels.includes(value));
  if (unknown.length > 0) throw strangers(given, unknown.sort());
  const codeOf = Int32Array.from(column.dictionary, (value) => labels.indexOf(value));
  return { codes: column.codes.map((code) => codeOf[code] as number), labels };
}
