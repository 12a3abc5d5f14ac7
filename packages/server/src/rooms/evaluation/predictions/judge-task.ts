import type { Table } from '@fairlead/frame';
import { evaluationErrors } from '../evaluation-errors.js';
import type { ClassAnswer } from './class-rows.js';
import { evaluateClasses } from './evaluate-classes.js';
import { evaluateClusters, evaluateLists, evaluatePolicy, evaluateTeam, evaluateTexts } from './evaluate-lists.js';
import { evaluateNumbers } from './evaluate-numbers.js';
import { groupCodes, labelsAt, numbersAt, textsAt } from './prediction-columns.js';
import type { Drawing } from './prediction-intervals.js';
import { checkedProbability, looksLikeProbability, readClasses } from './prediction-probabilities.js';
import type { PredictionsOptions, PredictionTask, TaskResult } from './predictions-types.js';

interface Question {
  readonly rows: Int32Array;
  readonly options: PredictionsOptions;
}

/** Reads the columns that the task needs and judges them. @throws EVAL_OPTION_INVALID when one is not named */
export function judgeTask(task: PredictionTask, table: Table, question: Question): TaskResult {
  const judges: Readonly<Record<PredictionTask, (table: Table, question: Question) => TaskResult>> = {
    classification: judgeClasses,
    regression: judgeNumbers,
    clustering: judgeClusters,
    ranking: judgeLists,
    text: judgeTexts,
    policy: judgePolicy,
    'human-machine': judgeTeam,
  };
  if (question.options.positive !== undefined && task !== 'classification') {
    throw evaluationErrors.EVAL_OPTION_INVALID(`A positive label means nothing for ${task}.`);
  }
  if (question.options.weight !== undefined && task !== 'classification' && task !== 'regression') {
    throw evaluationErrors.EVAL_OPTION_INVALID(`Weights of rows are not defined for ${task}.`);
  }
  return judges[task](table, question);
}

function needed(name: string | undefined, what: string): string {
  if (name !== undefined) return name;
  throw evaluationErrors.EVAL_OPTION_INVALID(`Name the column of ${what}.`, { data: { missing: what } });
}

const drawingOf = ({ time }: PredictionsOptions): Drawing => ({ blockLength: time === undefined ? 1 : 'auto' });

function weightsOf(table: Table, { rows, options }: Question): Float64Array | undefined {
  if (options.weight === undefined) return undefined;
  const weights = numbersAt(table, options.weight, rows);
  if (weights.some((value) => value < 0) || !weights.some((value) => value > 0)) {
    throw evaluationErrors.EVAL_OPTION_INVALID(`Weights in ${options.weight} must not be negative, nor all zero.`);
  }
  return weights;
}

function judgeClasses(table: Table, { rows, options }: Question): TaskResult {
  needed(options.truth, 'true labels (--truth)');
  const further = [options.baseline, options.compare].filter((name) => name !== undefined);
  const asScore = (name: string) => (options.score?.length ?? 0) === 1 && looksLikeProbability(table, name);
  const labelColumns = further.filter((name) => !asScore(name));
  const read = readClasses(table, rows, { ...options, labelColumns });
  const answer = (name: string | undefined): ClassAnswer | undefined => {
    if (name === undefined) return undefined;
    if (!asScore(name)) return { name, codes: read.others[labelColumns.indexOf(name)] as Int32Array };
    const probability = checkedProbability(name, numbersAt(table, name, rows));
    return { name, probability, codes: Int32Array.from(probability, (p) => Number(p > 0.5)) };
  };
  const { labels, truth, predicted, probabilities } = read;
  const result = evaluateClasses({
    labels,
    truth,
    predicted,
    probabilities,
    weights: weightsOf(table, { rows, options }),
    baseline: answer(options.baseline),
    compare: answer(options.compare),
    drawing: drawingOf(options),
  });
  return { ...result, notes: [...read.notes, ...result.notes] };
}

function judgeNumbers(table: Table, { rows, options }: Question): TaskResult {
  const named = (name: string | undefined) =>
    name === undefined ? undefined : { name, values: numbersAt(table, name, rows) };
  return evaluateNumbers({
    truth: numbersAt(table, needed(options.truth, 'true values (--truth)'), rows),
    predicted: numbersAt(table, needed(options.prediction, 'predicted values (--prediction)'), rows),
    weights: weightsOf(table, { rows, options }),
    baseline: named(options.baseline),
    compare: named(options.compare),
    drawing: drawingOf(options),
  });
}

function judgeClusters(table: Table, { rows, options }: Question): TaskResult {
  return evaluateClusters({
    truth: groupCodes(table, needed(options.truth, 'true groups (--truth)'), rows),
    found: groupCodes(table, needed(options.prediction, 'clusters (--prediction)'), rows),
    features: (options.features ?? []).map((name) => numbersAt(table, name, rows)),
  });
}

function judgeLists(table: Table, { rows, options }: Question): TaskResult {
  const named = (name: string | undefined) =>
    name === undefined ? undefined : { name, values: numbersAt(table, name, rows) };
  const relevance = needed(options.truth, 'relevance (--truth)');
  const values = numbersAt(table, relevance, rows);
  if (values.some((value) => value < 0)) {
    throw evaluationErrors.EVAL_COLUMN_KIND(`Column ${relevance} holds negative values, which are no relevance.`);
  }
  return evaluateLists({
    groups: groupCodes(table, needed(options.group, 'queries (--group)'), rows),
    relevance: values,
    scores: numbersAt(table, needed(options.score?.[0] ?? options.prediction, 'scores (--score)'), rows),
    baseline: named(options.baseline),
    compare: named(options.compare),
    k: options.k,
  });
}

function judgeTexts(table: Table, { rows, options }: Question): TaskResult {
  const named = (name: string | undefined) =>
    name === undefined ? undefined : { name, texts: textsAt(table, name, rows) };
  return evaluateTexts({
    references: textsAt(table, needed(options.truth, 'reference texts (--truth)'), rows),
    hypotheses: textsAt(table, needed(options.prediction, 'generated texts (--prediction)'), rows),
    baseline: named(options.baseline),
    compare: named(options.compare),
    drawing: drawingOf(options),
  });
}

function judgePolicy(table: Table, { rows, options }: Question): TaskResult {
  const { truth, baseline, group } = options;
  return evaluatePolicy({
    rewards: numbersAt(table, needed(options.prediction, 'rewards (--prediction)'), rows),
    episodes: group === undefined ? undefined : groupCodes(table, group, rows),
    best: truth === undefined ? undefined : numbersAt(table, truth, rows),
    baseline: baseline === undefined ? undefined : { name: baseline, values: numbersAt(table, baseline, rows) },
    discount: options.discount,
    drawing: drawingOf(options),
  });
}

function judgeTeam(table: Table, { rows, options }: Question): TaskResult {
  const truth = needed(options.truth, "people's decisions (--truth)");
  const machine = needed(options.prediction, "the machine's decisions (--prediction)");
  const { codes, labels } = labelsAt(table, [truth, machine], rows);
  const [human, decided] = codes as [Int32Array, Int32Array];
  const counts = new Float64Array(labels.length);
  for (const code of human) counts[code] = (counts[code] as number) + 1;
  const most = counts.indexOf(counts.reduce((a, b) => Math.max(a, b), 0));
  return evaluateTeam({ human, machine: decided, majority: new Int32Array(rows.length).fill(most) });
}
