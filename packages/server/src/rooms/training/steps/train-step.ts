import { type TrainStep, TrainStepSchema } from '@fairlead/contracts';
import type { ObjectStore } from '../../../platform/objects/index.js';
import type { Json, StepContext, StepHandler } from '../../pipelines/index.js';
import type { TrackingService } from '../../tracking/index.js';
import { trainingErrors } from '../training-errors.js';
import { readTuningRecord, writeRecord } from '../training-record.js';
import type { StepSource, TrainingService, TrainRequest, TrainResult, TuningRecord } from '../training-types.js';
import { paramsChecker } from './check-params.js';
import { requireInput } from './step-inputs.js';
import { type JobData, jobOf, jobProblems } from './training-job.js';

export interface TrainStepDeps {
  readonly training: Pick<TrainingService, 'train'>;
  readonly data: JobData;
  readonly tracking: Pick<TrackingService, 'link' | 'linkArtifact' | 'logBatch'>;
  readonly objects: ObjectStore;
}

const checkShape = paramsChecker(TrainStepSchema);

/** The built-in step `train`: inputs `split` and, instead of a search, `tuning`; outputs `model` (the ONNX file) and `training` (what was done, as JSON). */
export function createTrainStep(deps: TrainStepDeps): StepHandler {
  return {
    uses: 'train',
    version: '2',
    title: 'Search, fit and package a model',
    cacheable: true,
    check,
    run: async (step) => {
      const tuning = await tuningOf(deps.objects, step);
      const request = tuning && requestOf(tuning.record, step.seed);
      const { job, source } = await jobOf(deps.data, step, request);
      const options = { signal: step.signal, progress: step.progress };
      const result = await deps.training.train(
        step.context,
        { ...job, ...(tuning && { tuning: { digest: tuning.digest, result: tuning.record } }) },
        options,
      );
      const record = await writeRecord(deps.objects, {
        ...{ kind: 'fairlead.training', version: 1, request: job.request },
        ...{ result, source },
      });
      await logResult(deps, step, { result, recordDigest: record.digest });
      return {
        outputs: {
          model: { kind: 'model', id: result.model.digest, digest: result.model.digest },
          training: { kind: 'file', id: record.digest, digest: record.digest },
        },
        summary: summaryOf(result, job.request),
        commit: (tx) => deps.tracking.link(tx, edgesOf(result, source)),
      };
    },
  };
}

function check(params: Readonly<Record<string, Json>>, inputs: readonly string[] = []): string[] {
  const problems = checkShape(params);
  if (problems.length > 0) return problems;
  const values = params as TrainStep;
  if (inputs.includes('tuning')) return surplusOf(values).map((name) => `${name}: the tuning decides it`);
  const { candidates, validation } = values;
  const missing = [...(candidates ? [] : ['candidates']), ...(validation ? [] : ['validation'])];
  return missing.length > 0 ? missing.map((name) => `'${name}' is missing`) : jobProblems(values);
}

const surplusOf = ({ part: _part, ...values }: TrainStep): string[] => Object.keys(values);

async function tuningOf(
  objects: ObjectStore,
  step: StepContext,
): Promise<{ digest: string; record: TuningRecord } | undefined> {
  if (step.inputs.tuning === undefined) return undefined;
  const { digest } = requireInput(step, 'tuning', 'file');
  const surplus = surplusOf(step.params as TrainStep);
  if (surplus.length === 0) return { digest, record: await readTuningRecord(objects, digest) };
  throw trainingErrors.TRN_TUNING_CONFLICT(
    `Step ${step.step} has a tuning as its input and says ${surplus.join(', ')} beside it.`,
    { data: { step: step.step, surplus } },
  );
}

/** What the tuning was asked for, with its best as the only candidate. */
function requestOf({ request, best }: TuningRecord, seed: number): TrainRequest {
  return { ...request, candidates: [{ trainer: best.trainer, params: best.params }], seed };
}

async function logResult(
  { tracking }: TrainStepDeps,
  { context, trackingRunId }: StepContext,
  { result, recordDigest }: { result: TrainResult; recordDigest: string },
): Promise<void> {
  const { best, model, parity, trainedRows, tuning, nested } = result;
  const params = Object.entries(best.params).map(([name, value]) => [`best.${name}`, value ?? 'null'] as const);
  await tracking.linkArtifact(context, trackingRunId, { path: 'model/model.onnx', digest: model.digest });
  await tracking.linkArtifact(context, trackingRunId, { path: 'training.json', digest: recordDigest });
  if (result.study) {
    await tracking.linkArtifact(context, trackingRunId, { path: 'study.json', digest: result.study.digest });
  }
  await tracking.logBatch(context, trackingRunId, {
    params: { 'best.trainer': best.trainer, trained_rows: trainedRows, ...Object.fromEntries(params) },
    tags: {
      'fairlead.parity': `${parity.verdict}: ${parity.maxAbsDifference} on ${parity.rows} rows`,
      ...(tuning && { 'fairlead.tuning': tuning.digest }),
      ...(nested && {
        'fairlead.nested-score': `${nested.metric} ${nested.score} ± ${nested.standardDeviation ?? '?'}`,
      }),
    },
  });
}

function edgesOf({ model }: TrainResult, { splitId, trackingRunId }: StepSource) {
  const run = { kind: 'run', id: trackingRunId };
  return [
    { from: { kind: 'split', id: splitId }, to: run, relation: 'used-by' },
    { from: run, to: { kind: 'model', id: model.digest }, relation: 'produced' },
  ];
}

function summaryOf(
  { best, leaderboard, parity, trainedRows, model, nested }: TrainResult,
  { metric }: TrainRequest,
): Json {
  return {
    best: best.trainer,
    params: best.params,
    metric: metric ?? null,
    score: best.score,
    ...(nested && { nested: { score: nested.score, standardDeviation: nested.standardDeviation } }),
    trials: leaderboard.length,
    rows: trainedRows,
    sizeBytes: model.sizeBytes,
    parity: { verdict: parity.verdict, rows: parity.rows, maxAbsDifference: parity.maxAbsDifference },
  };
}
