import { createTable, type Table } from '@fairlead/frame';
import { findWorstSlices, sliceColumns } from '@fairlead/num';
import { readDataFile } from '../../data/index.js';
import { evaluationErrors } from '../evaluation-errors.js';
import { inferTask } from './infer-task.js';
import { judgeTask } from './judge-task.js';
import { findColumn, inTimeOrder, soundRows } from './prediction-columns.js';
import { CONFIDENCE, known } from './prediction-intervals.js';
import type {
  BaselineVerdict,
  GroupResult,
  PredictionsOptions,
  PredictionsReport,
  PredictionTask,
  TaskResult,
} from './predictions-types.js';

const MAX_GROUPS = 100;
const MAX_SLICE_VALUES = 1000;

/**
 * Judges a file of predictions (CSV, JSON lines, Parquet) without a server: metrics with intervals, baselines without
 * skill, a second model, groups and the worst slices. Rows that lack a value are counted and left out.
 *
 * @throws EVAL_…, and what reading a file throws
 */
export async function evaluatePredictions(
  path: string,
  options: PredictionsOptions,
  work: { readonly signal?: AbortSignal; readonly progress?: (ratio: number, message: string) => void } = {},
): Promise<PredictionsReport> {
  const columns = wantedColumns(options);
  const format = options.format === undefined ? {} : { format: options.format };
  const read = await readDataFile(path, { ...work, ...format, columns });
  if (read.outcome === 'refused') {
    throw evaluationErrors.EVAL_NO_ROWS(
      `${read.faultyRows} of ${read.receivedRows} rows cannot be read: ${read.failedChecks.join(', ')}.`,
      { data: { received: read.receivedRows, faulty: read.faultyRows, reasons: read.reasons } },
    );
  }
  for (const name of columns) {
    if (read.table.columns.has(name)) continue;
    findColumn(createTable(read.columns.map(({ name: found }) => [found, EMPTY] as const)), name);
  }
  return evaluateTable(read.table, options, { received: read.receivedRows, faulty: read.faultyRows });
}

const EMPTY = { kind: 'float64', values: new Float64Array(0) } as const;

function wantedColumns(options: PredictionsOptions): string[] {
  const { truth, prediction, score, weight, baseline, compare, group, time, by, slices, features } = options;
  const one = [truth, prediction, weight, baseline, compare, group, time, by];
  const all = [...one, ...(score ?? []), ...(slices ?? []), ...(features ?? [])];
  return [...new Set(all.filter((name) => name !== undefined))];
}

/** {@link evaluatePredictions} of a table that is read already. */
function evaluateTable(
  table: Table,
  options: PredictionsOptions,
  source = { received: table.rowCount, faulty: 0 },
): PredictionsReport {
  const inferred = options.task === undefined ? inferTask(table, options) : undefined;
  const task = options.task ?? (inferred?.task as PredictionTask);
  const { rows, leftOut } = chooseRows(table, options, task);
  if (source.faulty > 0) leftOut['the row cannot be read'] = source.faulty;
  const result = judgeTask(task, table, { rows, options });
  const { losses, lossName = 'loss', scoreRows, ...shown } = result;
  return {
    task,
    taskInferred: inferred === undefined ? null : inferred.why,
    rows: { read: source.received, judged: rows.length, leftOut },
    confidence: CONFIDENCE,
    blocks: options.time === undefined ? 1 : 'auto',
    verdict: verdictOf(result.baselines),
    ...shown,
    ...(options.by !== undefined && scoreRows && { groups: groupsOf(table, rows, { by: options.by, scoreRows }) }),
    ...(losses && slicesOf(table, rows, { options, losses, lossName })),
  };
}

/** Rows that hold all that is asked of them, in order of time where there is one. @throws EVAL_NO_ROWS */
function chooseRows(table: Table, options: PredictionsOptions, task: PredictionTask) {
  const { truth, prediction, score = [], weight, baseline, compare, group, time, features = [] } = options;
  const leftOut: Record<string, number> = {};
  let rows = Int32Array.from({ length: table.rowCount }, (_, row) => row);
  const demand = (what: string, name: string | undefined) => {
    if (name === undefined) return;
    const sound = soundRows(table, name, rows);
    if (sound.length < rows.length) leftOut[`${what} ${name} is missing`] = rows.length - sound.length;
    rows = sound as typeof rows;
  };
  demand('truth', truth);
  // A missing answer of the machine means that it asked a person.
  if (task !== 'human-machine') demand('prediction', prediction);
  for (const name of [...score, ...features]) demand('column', name);
  for (const name of [weight, baseline, compare, group, time]) demand('column', name);
  if (rows.length === 0) {
    const reasons = Object.entries(leftOut).map(([reason, count]) => `${reason} in ${count} rows`);
    throw evaluationErrors.EVAL_NO_ROWS(
      table.rowCount === 0
        ? 'The file has no rows.'
        : `None of ${table.rowCount} rows can be judged: ${reasons.join('; ')}.`,
      { data: { rows: table.rowCount, leftOut } },
    );
  }
  return { rows: time === undefined ? rows : inTimeOrder(table, time, rows), leftOut };
}

/** In plain words whether the model is worth more than the best forecast without skill. */
function verdictOf(baselines: readonly BaselineVerdict[]): PredictionsReport['verdict'] {
  const [first, ...others] = baselines;
  if (first === undefined) return { beatsBaseline: null, text: 'There is no naive baseline for this task.' };
  const hardest = others.reduce((best, one) => (one.baselineLoss < best.baselineLoss ? one : best), first);
  const { estimate, lower, upper } = hardest.skill;
  const share = (value: number) => `${Number((100 * value).toPrecision(3))} %`;
  if (estimate === null) {
    const same = hardest.modelLoss === hardest.baselineLoss;
    const text = same
      ? `Neither the model nor the baseline '${hardest.baseline}' errs.`
      : `The baseline '${hardest.baseline}' never errs, and the model does.`;
    return { beatsBaseline: same ? null : false, text };
  }
  if (lower === null || upper === null) {
    const words = estimate > 0 ? 'does better than' : 'does no better than';
    return { beatsBaseline: estimate > 0, text: `The model ${words} '${hardest.baseline}' (no interval).` };
  }
  const range = `${share(lower)} to ${share(upper)}`;
  const against = `the strongest naive baseline, '${hardest.baseline}'`;
  if (lower > 0) {
    const text = `The model beats ${against}: it takes away ${share(estimate)} of its ${hardest.loss} (${range}).`;
    return { beatsBaseline: true, text };
  }
  if (upper < 0) {
    const text = `The model is WORSE than ${against}: its ${hardest.loss} is ${share(-estimate)} higher (${share(-upper)} to ${share(-lower)}).`;
    return { beatsBaseline: false, text };
  }
  return {
    beatsBaseline: null,
    text: `It cannot be told whether the model beats ${against}: it takes away ${share(estimate)} of its ${hardest.loss}, but ${range} is possible.`,
  };
}

function groupsOf(
  table: Table,
  rows: Int32Array,
  { by, scoreRows }: { by: string; scoreRows: NonNullable<TaskResult['scoreRows']> },
): GroupResult[] {
  const [column] = sliceColumns(table, [by], { values: 20 });
  if (column === undefined || column.labels.length > MAX_GROUPS) {
    throw evaluationErrors.EVAL_OPTION_INVALID(
      `Column ${by} has ${column?.labels.length ?? 0} values, too many for groups (${MAX_GROUPS}).`,
      { data: { column: by, values: column?.labels.length ?? 0 } },
    );
  }
  const places = column.labels.map((): number[] => []);
  rows.forEach((row, i) => {
    places[column.codes[row] as number]?.push(i);
  });
  return column.labels
    .map((group, code) => ({ group, at: Int32Array.from(places[code] ?? []) }))
    .filter(({ at }) => at.length > 0)
    .map(({ group, at }) => ({
      group,
      rows: at.length,
      metrics: Object.fromEntries(Object.entries(scoreRows(at)).map(([name, value]) => [name, known(value)])),
    }))
    .sort((a, b) => b.rows - a.rows);
}

function slicesOf(
  table: Table,
  rows: Int32Array,
  { options, losses, lossName }: { options: PredictionsOptions; losses: Float64Array; lossName: string },
): Pick<PredictionsReport, 'slices'> {
  const names = options.slices ?? (options.by === undefined ? [] : [options.by]);
  if (names.length === 0) return {};
  const columns = sliceColumns(table, names).map((column) => ({
    ...column,
    codes: rows.length === table.rowCount && options.time === undefined ? column.codes : pick(column.codes, rows),
  }));
  const fine = columns.find(({ labels }) => labels.length > MAX_SLICE_VALUES);
  if (fine !== undefined) {
    throw evaluationErrors.EVAL_SLICE_COLUMN(`Column ${fine.name} has ${fine.labels.length} values.`, {
      data: { column: fine.name, values: fine.labels.length, max: MAX_SLICE_VALUES },
    });
  }
  const { overallMeanLoss, tested, slices } = findWorstSlices(columns, losses, { maxConditions: 3 });
  return { slices: { loss: lossName, overallMeanLoss, tested, worst: slices } };
}

const pick = (codes: Int32Array, rows: Int32Array) => Int32Array.from(rows, (row) => codes[row] as number);
