import { type Column, isPresent, type Table } from '@fairlead/frame';
import { fitMajorityBaseline, fitPersistenceBaseline, mean } from '@fairlead/num';
import { evaluationErrors } from './evaluation-errors.js';
import type { BaselineSpec } from './evaluation-types.js';
import type { Truth } from './score-classes.js';

/** Beyond this a number is no state that comes back, and its frequencies would be noise. */
const MAX_STATES = 50;

export interface NamedBaseline {
  readonly name: string;
  readonly spec: BaselineSpec;
}

/** What is always compared with, and what else may be. */
const OF_TASK = {
  classification: ['majority', 'persistence', 'rule'],
  regression: ['mean', 'median', 'persistence', 'rule'],
} as const satisfies Record<string, readonly BaselineSpec['kind'][]>;

/**
 * The baselines with their names; the first of the task's is always among them. Without a task, as before there is a model,
 * only the names are checked.
 *
 * @throws EVAL_BASELINE_INVALID when two have one name or one does not belong to the task
 */
export function nameBaselines(specs: readonly BaselineSpec[], task?: keyof typeof OF_TASK): NamedBaseline[] {
  const known: readonly string[] | undefined = task && OF_TASK[task];
  const strange = specs.find(({ kind }) => known !== undefined && !known.includes(kind));
  if (strange !== undefined) {
    throw evaluationErrors.EVAL_BASELINE_INVALID(
      `The baseline ${strange.kind} does not belong to ${task}; there are ${known?.join(', ')}.`,
      { data: { kind: strange.kind, task, known } },
    );
  }
  const always = task && ({ kind: OF_TASK[task][0] } as const);
  const all = always === undefined || specs.some(({ kind }) => kind === always.kind) ? specs : [always, ...specs];
  const several = all.filter(({ kind }) => kind === 'persistence').length > 1;
  const named = all.map((spec) => {
    if (spec.kind === 'rule') return { name: spec.name, spec };
    return { name: spec.kind === 'persistence' && several ? `persistence of ${spec.column}` : spec.kind, spec };
  });
  const repeated = named.find(({ name }, i) => named.findIndex((other) => other.name === name) !== i);
  if (repeated === undefined) return named;
  throw evaluationErrors.EVAL_BASELINE_INVALID(`Two baselines are named ${repeated.name}.`, {
    data: { name: repeated.name },
  });
}

/** The share of each class in the training rows, for every row; row-major. */
export function majorityForecast({ codes, classCount }: Truth, rowCount: number): Float64Array {
  return fitMajorityBaseline(codes, classCount).predictProbabilities(rowCount);
}

/**
 * P(class | value of the column now), row-major, learnt from the training rows: rain tomorrow with the frequency that followed a day
 * like today. A missing value is a state of its own; a value never seen has the overall frequency.
 *
 * @throws EVAL_BASELINE_INVALID when the column is absent or has too many values
 */
export function persistenceForecast(
  column: string,
  { train, trainTruth, test }: { train: Table; trainTruth: Truth; test: Table },
): Float64Array {
  const { before, now, unseen } = codeStates(column, train, test);
  const baseline = fitPersistenceBaseline(before, trainTruth.codes, {
    stateCount: unseen + 1,
    classCount: trainTruth.classCount,
  });
  return baseline.predictProbabilities(now);
}

/**
 * The value of a number column now; of another column the mean that the target had with its value in training. A missing
 * number, and a value never seen, has the mean of all.
 *
 * @throws EVAL_BASELINE_INVALID when the column is absent, a time, or has too many values
 */
export function persistenceOfNumbers(
  name: string,
  { train, trainTruth, test }: { train: Table; trainTruth: Float64Array; test: Table },
): Float64Array {
  const overall = mean(trainTruth);
  const column = test.columns.get(name);
  if (column?.kind === 'float64') {
    return column.values.map((value, row) =>
      isPresent(column.validity, row) && Number.isFinite(value) ? value : overall,
    );
  }
  const { before, now, unseen } = codeStates(name, train, test);
  const sums = new Float64Array(unseen + 1);
  const counts = new Float64Array(unseen + 1);
  before.forEach((state, row) => {
    sums[state] = (sums[state] as number) + (trainTruth[row] as number);
    counts[state] = (counts[state] as number) + 1;
  });
  return Float64Array.from(now, (state) =>
    counts[state] === 0 ? overall : (sums[state] as number) / (counts[state] as number),
  );
}

/** The values of a column as codes; `unseen` stands for those that the training rows lack. */
function codeStates(
  column: string,
  train: Table,
  test: Table,
): { before: Int32Array; now: Int32Array; unseen: number } {
  const codeOf = new Map<string, number>();
  const before = Int32Array.from(statesOf(train, column), (state) => {
    const code = codeOf.get(state) ?? codeOf.size;
    codeOf.set(state, code);
    return code;
  });
  if (codeOf.size > MAX_STATES) {
    throw evaluationErrors.EVAL_BASELINE_INVALID(
      `Persistence of ${column}: the training rows have ${codeOf.size} values of it, more than ${MAX_STATES}.`,
      { data: { column, values: codeOf.size, max: MAX_STATES } },
    );
  }
  const unseen = codeOf.size;
  return { before, unseen, now: Int32Array.from(statesOf(test, column), (state) => codeOf.get(state) ?? unseen) };
}

function statesOf(table: Table, name: string): string[] {
  const column = table.columns.get(name);
  if (column === undefined || column.kind === 'timestamp') {
    const found = column === undefined ? 'there is no such column' : 'a time never comes back';
    throw evaluationErrors.EVAL_BASELINE_INVALID(`Persistence of ${name}: ${found}.`, {
      data: { column: name, columns: [...table.columns.keys()] },
    });
  }
  return Array.from({ length: table.rowCount }, (_, row) =>
    // The prefix keeps a missing value apart from every text.
    isPresent(column.validity, row) ? `=${valueAt(column, row)}` : 'missing',
  );
}

function valueAt(column: Column, row: number): string {
  return column.kind === 'string' ? (column.dictionary[column.codes[row] as number] ?? '') : String(column.values[row]);
}
