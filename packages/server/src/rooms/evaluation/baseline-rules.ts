import { type Column, isPresent, type Table } from '@fairlead/frame';
import { fitMajorityBaseline, fitPersistenceBaseline } from '@fairlead/num';
import { evaluationErrors } from './evaluation-errors.js';
import type { BaselineSpec } from './evaluation-types.js';
import type { Truth } from './score-classes.js';

/** Beyond this a number is no state that comes back, and its frequencies would be noise. */
const MAX_STATES = 50;

export interface NamedBaseline {
  readonly name: string;
  readonly spec: BaselineSpec;
}

/** The baselines with their names; majority is always among them. @throws EVAL_BASELINE_INVALID when two have one name */
export function nameBaselines(specs: readonly BaselineSpec[]): NamedBaseline[] {
  const all = specs.some(({ kind }) => kind === 'majority') ? specs : [{ kind: 'majority' } as const, ...specs];
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
  const codeOf = new Map<string, number>();
  const learn = (state: string): number => {
    const code = codeOf.get(state) ?? codeOf.size;
    codeOf.set(state, code);
    return code;
  };
  const states = Int32Array.from(statesOf(train, column), learn);
  if (codeOf.size > MAX_STATES) {
    throw evaluationErrors.EVAL_BASELINE_INVALID(
      `Persistence of ${column}: the training rows have ${codeOf.size} values of it, more than ${MAX_STATES}.`,
      { data: { column, values: codeOf.size, max: MAX_STATES } },
    );
  }
  const unseen = codeOf.size;
  const baseline = fitPersistenceBaseline(states, trainTruth.codes, {
    stateCount: unseen + 1,
    classCount: trainTruth.classCount,
  });
  const now = Int32Array.from(statesOf(test, column), (state) => codeOf.get(state) ?? unseen);
  return baseline.predictProbabilities(now);
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
