import { selectRows, type Table } from '@fairlead/frame';
import type { Answers } from '../../evaluation/index.js';
import type { ModelSignature } from '../../training/index.js';
import type { Answer } from './ask-deployment.js';
import { type InputRow, inputRows } from './input-rows.js';

/** What a deployment said to the rows of a table, as evaluation takes it. */
export interface DeployedAnswers {
  readonly answers: Answers;
  /** Rows without an answer; their numbers are NaN, their labels -1. */
  readonly unanswered: Int32Array;
  /** Codes of the refusals and failures, the first few. */
  readonly codes: readonly string[];
  /** False when a classifier gave labels alone. */
  readonly hasProbabilities: boolean;
}

export interface Questions {
  readonly table: Table;
  /** Whose inputs are sent. */
  readonly asked: ModelSignature;
  /** By whose labels the answers are read. */
  readonly read: ModelSignature;
  readonly ask: (rows: readonly InputRow[]) => Promise<readonly Answer[]>;
}

/** Rows that stand as objects at a time: the whole part would take many times its memory. */
const AT_A_TIME = 8_192;
const MAX_CODES = 5;

/** Sends every row of a table, whatever their number. */
export async function collectAnswers({ table, asked, read, ask }: Questions): Promise<DeployedAnswers> {
  const { rowCount } = table;
  const { labels } = read;
  const numbers = read.task === 'regression';
  const predicted = numbers ? new Float64Array(rowCount).fill(Number.NaN) : new Int32Array(rowCount).fill(-1);
  const probabilities = new Float64Array(numbers ? 0 : rowCount * labels.length).fill(Number.NaN);
  const unanswered: number[] = [];
  const codes = new Set<string>();
  let hasProbabilities = true;
  const keep = (answer: Answer, row: number): void => {
    if (answer.kind !== 'answered') {
      unanswered.push(row);
      if (codes.size < MAX_CODES) codes.add(answer.code);
      return;
    }
    if (numbers) {
      predicted[row] = answer.value ?? Number.NaN;
      return;
    }
    predicted[row] = labels.indexOf(answer.label);
    if (Object.keys(answer.probabilities).length === 0) hasProbabilities = false;
    labels.forEach((label, code) => {
      probabilities[row * labels.length + code] = answer.probabilities[label] ?? 0;
    });
  };
  for (let from = 0; from < rowCount; from += AT_A_TIME) {
    const rows = Int32Array.from({ length: Math.min(AT_A_TIME, rowCount - from) }, (_, i) => from + i);
    const answers = await ask(inputRows(selectRows(table, rows), { signature: asked }));
    answers.forEach((answer, i) => {
      keep(answer, from + i);
    });
  }
  return {
    answers:
      predicted instanceof Float64Array
        ? { task: 'regression', predicted }
        : { task: 'classification', predicted, probabilities },
    unanswered: Int32Array.from(unanswered),
    codes: [...codes],
    hasProbabilities,
  };
}

/** The answers to some of the rows, in the order of `rows`. */
export function pickAnswers(answers: Answers, rows: Int32Array): Answers {
  if (answers.task === 'regression') {
    return { task: 'regression', predicted: Float64Array.from(rows, (row) => answers.predicted[row] ?? Number.NaN) };
  }
  const width = answers.probabilities.length / answers.predicted.length;
  const probabilities = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    probabilities.set(answers.probabilities.subarray(row * width, (row + 1) * width), i * width);
  });
  return { task: 'classification', probabilities, predicted: rows.map((row) => answers.predicted[row] ?? -1) };
}
