import { selectColumns, type Table } from '@fairlead/frame';
import { fitMeanBaseline, fitMedianBaseline, squaredErrorRows } from '@fairlead/num';
import type { Lake } from '../../platform/lake/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { DataService } from '../data/index.js';
import type { ModelScorer, ModelSignature } from '../training/index.js';
import { majorityForecast, nameBaselines, persistenceForecast, persistenceOfNumbers } from './baseline-rules.js';
import { evaluationErrors } from './evaluation-errors.js';
import type { Answers, EvaluateRequest } from './evaluation-types.js';
import { forecastByRule } from './forecast-by-rule.js';
import type { ClassInput, JudgeInput, NumberInput } from './judge-messages.js';
import { bothClasses, brierLosses, type Forecast } from './score-classes.js';
import { blockRowsOf, numbersOf, truthOf } from './truth-rules.js';

export interface PrepareDeps {
  readonly objects: ObjectStore;
  readonly lake: Lake;
  readonly data: Pick<DataService, 'readPart' | 'splitById' | 'versionById'>;
  readonly scorer: ModelScorer;
}

export interface PrepareOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (ratio: number, message: string) => void;
  /** What is judged in the place of what the model's file says. */
  readonly answers?: Answers;
}

const DEFAULT_RESAMPLES = 2000;
const MIN_ROWS = 10;

interface Parts {
  readonly request: EvaluateRequest;
  readonly test: Table;
  readonly train: Table;
  readonly time: string | null;
  readonly sliceTable: Table;
  readonly options: PrepareOptions;
}

/** Everything that the judging thread needs: truth, the model's answers, those of the baselines. */
export async function prepareJudging(
  deps: PrepareDeps,
  request: EvaluateRequest,
  options: PrepareOptions,
): Promise<JudgeInput> {
  const { task } = request.signature;
  if (task !== 'classification' && task !== 'regression') {
    throw evaluationErrors.EVAL_TASK_INVALID(`The model does ${task}.`, { data: { task } });
  }
  // Before any row is read: a baseline of another task is a slip of the request.
  nameBaselines(request.baselines, task);
  const split = await deps.data.splitById(request.splitId);
  const { time } = await deps.data.versionById(split.versionId);
  const test = await deps.data.readPart(request.splitId, request.part);
  const train = await deps.data.readPart(request.splitId, request.trainPart);
  const parts = { request, test, train, time, options, sliceTable: sliceTableOf(test, request) };
  return task === 'regression' ? prepareNumbers(deps, parts) : prepareClasses(deps, parts);
}

function checkRows({ request, test, train, options }: Parts): void {
  if (test.rowCount < MIN_ROWS || train.rowCount < 1) {
    throw evaluationErrors.EVAL_TOO_FEW_ROWS(
      `The part ${request.part} has ${test.rowCount} rows, ${request.trainPart} has ${train.rowCount}.`,
      { data: { rows: test.rowCount, trainRows: train.rowCount, least: MIN_ROWS } },
    );
  }
  options.progress?.(0.05, `predicting ${test.rowCount} rows`);
}

async function prepareClasses(deps: PrepareDeps, parts: Parts): Promise<ClassInput> {
  const { request, test, train, options } = parts;
  const { signature } = request;
  const truth = truthOf(test, signature);
  const trainTruth = truthOf(train, signature);
  checkRows(parts);
  const { answers } = options;
  const model =
    answers?.task === 'classification' ? answers : (await forecastOfModel(deps.scorer, scoringOf(parts))).forecast;
  const baselines: { name: string; probabilities: Float64Array }[] = [];
  for (const { name, spec } of nameBaselines(request.baselines, 'classification')) {
    const probabilities =
      spec.kind === 'rule'
        ? bothClasses(await forecastByRule(deps, spec, { table: test, signature }))
        : spec.kind === 'persistence'
          ? persistenceForecast(spec.column, { train, trainTruth, test })
          : majorityForecast(trainTruth, test.rowCount);
    baselines.push({ name, probabilities });
  }
  return { task: 'classification', truth, model, baselines, ...commonOf(parts, brierLosses(truth, model)) };
}

async function prepareNumbers(deps: PrepareDeps, parts: Parts): Promise<NumberInput> {
  const { request, test, train, options } = parts;
  const { signature } = request;
  const truth = numbersOf(test, signature);
  const trainTruth = numbersOf(train, signature);
  checkRows(parts);
  const { answers } = options;
  const predicted =
    answers?.task === 'regression' ? answers.predicted : (await deps.scorer.answer(scoringOf(parts))).values;
  const baselines: { name: string; predicted: Float64Array }[] = [];
  for (const { name, spec } of nameBaselines(request.baselines, 'regression')) {
    const constant = (value: number) => new Float64Array(test.rowCount).fill(value);
    const forecast =
      spec.kind === 'rule'
        ? await forecastByRule(deps, spec, { table: test, signature })
        : spec.kind === 'persistence'
          ? persistenceOfNumbers(spec.column, { train, trainTruth, test })
          : constant(spec.kind === 'median' ? fitMedianBaseline(trainTruth).median : fitMeanBaseline(trainTruth).mean);
    baselines.push({ name, predicted: forecast });
  }
  const losses = squaredErrorRows({ truth, predicted });
  return { task: 'regression', truth, predicted, baselines, ...commonOf(parts, losses) };
}

function commonOf(
  { request, test, time, sliceTable }: Parts,
  losses: Float64Array,
): Pick<JudgeInput, 'sliceTable' | 'minSliceRows' | 'bootstrap'> {
  const { seed, resamples = DEFAULT_RESAMPLES, minSliceRows = null } = request;
  return { sliceTable, minSliceRows, bootstrap: { resamples, blockRows: blockRowsOf(test, time, losses), seed } };
}

function scoringOf({ request, test, options }: Parts): Parameters<ModelScorer['score']>[0] {
  const { modelDigest: digest, signature } = request;
  return { digest, signature, table: test, ...(options.signal && { signal: options.signal }) };
}

function sliceTableOf(test: Table, { signature, sliceColumns }: EvaluateRequest): Table {
  const names = sliceColumns ?? signature.inputs.map(({ name }) => name);
  const unknown = names.find((name) => !test.columns.has(name) || name === signature.target);
  if (unknown === undefined) return selectColumns(test, [...new Set(names)]);
  const columns = [...test.columns.keys()];
  throw evaluationErrors.EVAL_SLICE_COLUMN(
    `There is no column ${unknown} to slice by; there are ${columns.join(', ')}.`,
    {
      data: { column: unknown, columns },
    },
  );
}

/** What a classifier says of the rows, and the labels that it gives. */
export async function forecastOfModel(
  scorer: ModelScorer,
  request: Parameters<ModelScorer['score']>[0],
): Promise<{ forecast: Forecast; labels: readonly string[] }> {
  const { labels: names }: ModelSignature = request.signature;
  const { probabilities, labels } = await scorer.score(request);
  const predicted = Int32Array.from(labels, (label) => names.indexOf(label));
  return { forecast: { probabilities, predicted }, labels };
}
