import { type Column, columnLength, columnOf, isPresent, type Table } from '@fairlead/frame';
import {
  fitMajorityBaseline,
  fitMeanBaseline,
  fitPersistenceBaseline,
  quantileOfSorted,
  type Task,
} from '@fairlead/num';
import type { ProblemTarget } from '../engine/engine-types.js';

/** What can be said with one rule of thumb; a model that is no better has learned nothing. */
export interface NaiveRule {
  readonly name: string;
  readonly words: string;
  /** Row-major probabilities or numbers for the test rows. */
  readonly answers: Float64Array;
  /** False for a rule that knows the truth of the row before, which a model may not know in time. */
  readonly fair: boolean;
}

export interface NaiveInput {
  readonly task: Task;
  readonly train: Table;
  readonly trainTarget: ProblemTarget;
  readonly test: Table;
  readonly testTarget: ProblemTarget;
  readonly features: readonly string[];
  /** True when rows follow each other in time. */
  readonly ordered: boolean;
  /** The quantile that numbers are judged by, 0..1; absent: their mean. */
  readonly quantile?: number | undefined;
}

/** More levels than this make no rule of thumb. */
const MAX_LEVELS = 20;

/** The frequencies, the mean or the quantile of the training rows; the best rule over one column; in time, the value of the row before. */
export function naiveRules(input: NaiveInput): NaiveRule[] {
  const { trainTarget, testTarget } = input;
  if (trainTarget.kind === 'classes' && testTarget.kind === 'classes')
    return classRules(input, trainTarget, testTarget);
  if (trainTarget.kind === 'numbers' && testTarget.kind === 'numbers') {
    return numberRules(input, trainTarget.values, testTarget.values);
  }
  return [];
}

type Classes = Extract<ProblemTarget, { kind: 'classes' }>;

function classRules(input: NaiveInput, train: Classes, test: Classes): NaiveRule[] {
  const classCount = train.labels.length;
  const prior = fitMajorityBaseline(train.codes, classCount);
  const majority = train.labels[prior.prior.indexOf(Math.max(...prior.prior))];
  const rules: NaiveRule[] = [
    {
      name: 'prior',
      words: `always the frequencies of the training rows (mostly ${majority})`,
      answers: prior.predictProbabilities(test.codes.length),
      fair: true,
    },
  ];
  const best = bestColumn(input, (states, stateCount) => {
    const rule = fitPersistenceBaseline(states, train.codes, { stateCount, classCount });
    const guessed = rule.predictProbabilities(states);
    let loss = 0;
    train.codes.forEach((code, row) => {
      for (let k = 0; k < classCount; k += 1) {
        loss += ((guessed[row * classCount + k] as number) - Number(k === code)) ** 2;
      }
    });
    return { loss, answer: (rows: Int32Array) => rule.predictProbabilities(rows) };
  });
  if (best) {
    const words = `the frequencies that go with the value of ${best.column}`;
    rules.push({ name: `by ${best.column}`, words, answers: best.answers, fair: true });
  }
  if (input.ordered) {
    const before = Int32Array.from(test.codes, (_, i) =>
      i === 0 ? (train.codes.at(-1) as number) : (test.codes[i - 1] as number),
    );
    const states = train.codes.map((_, i) => (i === 0 ? 0 : (train.codes[i - 1] as number)));
    const rule = fitPersistenceBaseline(states, train.codes, { stateCount: classCount, classCount });
    const words = 'the frequencies that followed the class of the row before';
    rules.push({ name: 'row before', words, answers: rule.predictProbabilities(before), fair: false });
  }
  return rules;
}

/** The constant that a rule gives for a group of rows, and what it loses on one of them. */
interface Centre {
  readonly name: string;
  readonly words: string;
  of(values: Float64Array): number;
  loss(value: number, guess: number): number;
}

const MEAN: Centre = {
  ...{ name: 'mean', words: 'the mean' },
  of: (values) => fitMeanBaseline(values).mean,
  loss: (value, guess) => (value - guess) ** 2,
};

const quantileCentre = (level: number): Centre => ({
  ...{ name: `quantile ${level}`, words: `the quantile ${level}` },
  of: (values) => quantileOfSorted(values.slice().sort(), level),
  loss: (value, guess) => (value >= guess ? level : level - 1) * (value - guess),
});

function numberRules(input: NaiveInput, train: Float64Array, test: Float64Array): NaiveRule[] {
  const centre = input.quantile === undefined ? MEAN : quantileCentre(input.quantile);
  const whole = centre.of(train);
  const answers = new Float64Array(test.length).fill(whole);
  const rules: NaiveRule[] = [
    { name: centre.name, words: `always ${centre.words} of the training rows`, answers, fair: true },
  ];
  const best = bestColumn(input, (states, stateCount) => {
    const guesses = grouped(train, states, stateCount).map((group) => (group.length > 0 ? centre.of(group) : whole));
    const loss = train.reduce(
      (total, value, row) => total + centre.loss(value, guesses[states[row] as number] as number),
      0,
    );
    return { loss, answer: (rows: Int32Array) => Float64Array.from(rows, (state) => guesses[state] as number) };
  });
  if (best) {
    const words = `${centre.words} that goes with the value of ${best.column}`;
    rules.push({ name: `by ${best.column}`, words, answers: best.answers, fair: true });
  }
  if (input.ordered) {
    const before = test.map((_, i) => (i === 0 ? (train.at(-1) as number) : (test[i - 1] as number)));
    rules.push({ name: 'row before', words: 'the value of the row before', answers: before, fair: false });
  }
  return rules;
}

/** The values of each state, in the order of the rows. */
function grouped(values: Float64Array, states: Int32Array, stateCount: number): Float64Array[] {
  const sizes = new Int32Array(stateCount);
  for (const state of states) sizes[state] = (sizes[state] as number) + 1;
  const groups = Array.from(sizes, (size) => new Float64Array(size));
  const filled = new Int32Array(stateCount);
  values.forEach((value, row) => {
    const state = states[row] as number;
    (groups[state] as Float64Array)[filled[state] as number] = value;
    filled[state] = (filled[state] as number) + 1;
  });
  return groups;
}

interface FittedRule {
  readonly loss: number;
  readonly answer: (states: Int32Array) => Float64Array;
}

/** The one column of few values that explains the training rows best. */
function bestColumn(
  { train, test, features }: NaiveInput,
  fit: (states: Int32Array, stateCount: number) => FittedRule,
): { column: string; answers: Float64Array } | undefined {
  let best: { column: string; loss: number; answers: Float64Array } | undefined;
  for (const name of features) {
    const levels = levelsOf(columnOf(train, name));
    if (levels === undefined) continue;
    const { loss, answer } = fit(statesOf(columnOf(train, name), levels), levels.size + 1);
    if (best === undefined || loss < best.loss) {
      best = { column: name, loss, answers: answer(statesOf(columnOf(test, name), levels)) };
    }
  }
  return best;
}

const keyAt = (column: Column, row: number): string | number | null => {
  if (!isPresent(column.validity, row)) return null;
  return column.kind === 'string'
    ? (column.dictionary[column.codes[row] as number] as string)
    : (column.values[row] as number);
};

/** A code from 1 per value; undefined when there are too many or it is a time. 0 stands for missing and unseen ones. */
function levelsOf(column: Column): ReadonlyMap<string | number, number> | undefined {
  if (column.kind === 'timestamp') return undefined;
  const levels = new Map<string | number, number>();
  for (let row = 0; row < columnLength(column); row += 1) {
    const key = keyAt(column, row);
    if (key === null || levels.has(key)) continue;
    levels.set(key, levels.size + 1);
    if (levels.size > MAX_LEVELS) return undefined;
  }
  return levels.size > 1 ? levels : undefined;
}

function statesOf(column: Column, levels: ReadonlyMap<string | number, number>): Int32Array {
  return Int32Array.from({ length: columnLength(column) }, (_, row) => levels.get(keyAt(column, row) ?? '') ?? 0);
}
