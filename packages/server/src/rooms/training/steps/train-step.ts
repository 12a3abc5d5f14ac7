import { type TrainStep, TrainStepSchema } from '@fairlead/contracts';
import type { ObjectStore } from '../../../platform/objects/index.js';
import type { DataService, DatasetVersion } from '../../data/index.js';
import type { Json, StepContext, StepHandler } from '../../pipelines/index.js';
import type { TrackingService } from '../../tracking/index.js';
import { candidateProblems, countCandidates, MAX_CANDIDATES } from '../candidate-rules.js';
import { trainingErrors } from '../training-errors.js';
import { writeTrainingRecord } from '../training-record.js';
import type { CandidateSpec, TrainingRecord, TrainingService, TrainRequest, TrainResult } from '../training-types.js';
import { paramsChecker } from './check-params.js';
import { requireInput } from './step-inputs.js';

export interface TrainStepDeps {
  readonly training: TrainingService;
  readonly data: Pick<DataService, 'readPart' | 'splitById' | 'versionById'>;
  readonly tracking: Pick<TrackingService, 'link' | 'linkArtifact' | 'logBatch'>;
  readonly objects: ObjectStore;
}

const checkShape = paramsChecker(TrainStepSchema);

/** The built-in step `train`: input `split`; outputs `model` (the ONNX file) and `training` (what was done, as JSON). */
export function createTrainStep(deps: TrainStepDeps): StepHandler {
  return {
    uses: 'train',
    version: '1',
    title: 'Search, fit and package a model',
    cacheable: true,
    check,
    run: async (step) => {
      const { part, target, ...params } = step.params as TrainStep;
      const splitId = requireInput(step, 'split', 'split').id;
      const { versionId } = await deps.data.splitById(splitId);
      const version = await deps.data.versionById(versionId);
      const untargeted = params.task === 'clustering' || params.task === 'anomaly';
      const request = {
        ...params,
        target: untargeted ? '' : (target ?? labelOf(version)),
        seed: step.seed,
      } as TrainRequest;
      const result = await deps.training.train(
        step.context,
        {
          table: await deps.data.readPart(splitId, part),
          request,
          experiment: step.pipeline,
          parentRunId: step.trackingRunId,
          time: version.time,
          entity: version.entity,
          integers: version.columns.filter(({ type }) => type === 'integer').map(({ name }) => name),
        },
        { signal: step.signal, progress: step.progress },
      );
      const { pipeline, pipelineRunId, trackingRunId } = step;
      const source = { splitId, datasetVersionId: versionId, part, pipeline, pipelineRunId, trackingRunId };
      const record = await writeTrainingRecord(deps.objects, {
        kind: 'fairlead.training',
        version: 1,
        result,
        request,
        source,
      });
      await logResult(deps, step, { result, recordDigest: record.digest });
      return {
        outputs: {
          model: { kind: 'model', id: result.model.digest, digest: result.model.digest },
          training: { kind: 'file', id: record.digest, digest: record.digest },
        },
        summary: summaryOf(result, request),
        commit: (tx) => deps.tracking.link(tx, edgesOf(result, source)),
      };
    },
  };
}

function check(params: Readonly<Record<string, Json>>): string[] {
  const problems = checkShape(params);
  if (problems.length > 0) return problems;
  const candidates = params.candidates as unknown as CandidateSpec[];
  const count = countCandidates(candidates);
  return [
    ...candidateProblems(candidates),
    ...(count > MAX_CANDIDATES ? [`candidates: the grids make ${count} candidates, more than ${MAX_CANDIDATES}`] : []),
  ];
}

function labelOf({ label, dataset }: DatasetVersion): string {
  if (label !== null) return label.name;
  throw trainingErrors.TRN_TARGET_NOT_FOUND(`The dataset ${dataset} declares no label and the step names no target.`, {
    data: { dataset },
  });
}

async function logResult(
  { tracking }: TrainStepDeps,
  { context, trackingRunId }: StepContext,
  { result, recordDigest }: { result: TrainResult; recordDigest: string },
): Promise<void> {
  const { best, model, parity, trainedRows } = result;
  const params = Object.entries(best.params).map(([name, value]) => [`best.${name}`, value ?? 'null'] as const);
  await tracking.linkArtifact(context, trackingRunId, { path: 'model/model.onnx', digest: model.digest });
  await tracking.linkArtifact(context, trackingRunId, { path: 'training.json', digest: recordDigest });
  if (result.study) {
    await tracking.linkArtifact(context, trackingRunId, { path: 'study.json', digest: result.study.digest });
  }
  await tracking.logBatch(context, trackingRunId, {
    params: { 'best.trainer': best.trainer, trained_rows: trainedRows, ...Object.fromEntries(params) },
    tags: { 'fairlead.parity': `${parity.verdict}: ${parity.maxAbsDifference} on ${parity.rows} rows` },
  });
}

function edgesOf({ model }: TrainResult, { splitId, trackingRunId }: TrainingRecord['source']) {
  const run = { kind: 'run', id: trackingRunId };
  return [
    { from: { kind: 'split', id: splitId }, to: run, relation: 'used-by' },
    { from: run, to: { kind: 'model', id: model.digest }, relation: 'produced' },
  ];
}

function summaryOf({ best, leaderboard, parity, trainedRows, model }: TrainResult, { metric }: TrainRequest): Json {
  return {
    best: best.trainer,
    params: best.params,
    metric: metric ?? null,
    score: best.score,
    trials: leaderboard.length,
    rows: trainedRows,
    sizeBytes: model.sizeBytes,
    parity: { verdict: parity.verdict, rows: parity.rows, maxAbsDifference: parity.maxAbsDifference },
  };
}
