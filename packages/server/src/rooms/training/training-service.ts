import { columnOf, selectColumns, selectRows } from '@fairlead/frame';
import type { Clock } from '@fairlead/kernel';
import { runInThread, transferableBuffers } from '../../platform/compute/index.js';
import type { ChangeContext, Db } from '../../platform/db/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { TrackingService } from '../tracking/index.js';
import { candidateProblems, countCandidates, expandCandidates, MAX_CANDIDATES } from './candidate-rules.js';
import { checkParity } from './check-parity.js';
import type { ModelScorer } from './model-scorer.js';
import { planFolds, trainingOrder } from './plan-folds.js';
import type { SearchInput, SearchNews, SearchOutput } from './search-messages.js';
import { chooseFeatures, describeSignature } from './signature-rules.js';
import { encodeTarget } from './target-rules.js';
import { trainingErrors } from './training-errors.js';
import { modelTrained } from './training-events.js';
import type { TrainingService, TrainRequest, TrialResult } from './training-types.js';
import { TrialLog } from './trial-log.js';

export interface TrainingDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly tracking: TrackingService;
  readonly scorer: ModelScorer;
  /** The compiled training-worker. */
  readonly workerEntry: URL;
}

type Job = Parameters<TrainingService['train']>[1];
type Options = NonNullable<Parameters<TrainingService['train']>[2]>;

export function createTrainingService(deps: TrainingDeps): TrainingService {
  return {
    train: async (context, job, options = {}) => {
      const input = prepareSearch(job);
      const { output, trials } = await search(deps, context, { job, input, options });
      const [best] = trials as [TrialResult, ...TrialResult[]];
      const model = await deps.objects.putBytes(output.onnx);
      const { signature } = input;
      const scores = await deps.scorer.score({
        digest: model.digest,
        signature,
        table: output.parityRows,
        ...(options.signal && { signal: options.signal }),
      });
      const parity = checkParity(output.expected, scores, signature.labels);
      if (parity.verdict === 'fail') throw parityFailed(best, { ...parity, modelDigest: model.digest });
      const trainedRows = job.table.rowCount;
      await deps.db.transact(context, async (tx) => {
        const { experiment, parentRunId: trackingRunId, request } = job;
        const { trainer, score } = best;
        const facts = { experiment, trackingRunId, trainer, metric: request.metric, score, trainedRows };
        const subject = { kind: 'model', id: model.digest };
        tx.record(modelTrained.of(subject, { modelDigest: model.digest, trials: trials.length, ...facts }));
      });
      options.progress?.(1, `chose ${best.trainer}`);
      return { best, leaderboard: trials, signature, model, parity, trainedRows };
    },
  };
}

/** Everything that can be refused is refused here, before a thread starts or a run is written. */
function prepareSearch({ table, request, time, entity, integers }: Job): SearchInput {
  const candidates = expand(request);
  const { target, labels: given, validation, metric, seed } = request;
  if (!table.columns.has(target)) {
    const columns = [...table.columns.keys()];
    throw trainingErrors.TRN_TARGET_NOT_FOUND(`There is no column ${target}; there are ${columns.join(', ')}.`, {
      data: { target, columns },
    });
  }
  if (table.rowCount === 0) throw trainingErrors.TRN_TOO_FEW_ROWS('There are no training rows.');
  const features = chooseFeatures(table, {
    target,
    features: request.features,
    exclude: request.exclude,
    time,
    entity,
  });
  const sorted = selectRows(table, trainingOrder(table, time, validation.kind));
  const encoded = encodeTarget(target, columnOf(sorted, target), given);
  if (metric === 'roc-auc' && encoded.labels.length > 2) {
    throw trainingErrors.TRN_METRIC_TWO_CLASSES(`roc-auc cannot rank ${encoded.labels.length} classes.`);
  }
  const signature = describeSignature(sorted, {
    features,
    target,
    labels: encoded.labels,
    ...(integers && { integers }),
  });
  const folds = planFolds(encoded, validation, seed);
  // Its buffers are given to the thread: selectRows copied them for us alone.
  return { table: selectColumns(sorted, features), codes: encoded.codes, signature, candidates, folds, metric, seed };
}

function expand(request: TrainRequest) {
  const problems = candidateProblems(request.candidates);
  if (problems.length > 0) {
    throw trainingErrors.TRN_CANDIDATE_INVALID(`${problems.join('; ')}.`, { data: { problems } });
  }
  const count = countCandidates(request.candidates);
  if (count <= MAX_CANDIDATES) return expandCandidates(request.candidates);
  throw trainingErrors.TRN_GRID_TOO_LARGE(`The grids make ${count} candidates; at most ${MAX_CANDIDATES} are tried.`, {
    data: { count, max: MAX_CANDIDATES },
  });
}

async function search(
  deps: TrainingDeps,
  context: ChangeContext,
  { job, input, options }: { job: Job; input: SearchInput; options: Options },
): Promise<{ output: SearchOutput; trials: TrialResult[] }> {
  const { experiment, parentRunId, request } = job;
  const log = new TrialLog(deps, { context, experiment, parentRunId, metric: request.metric });
  try {
    const output = await runInThread<SearchOutput, SearchNews>({
      entry: deps.workerEntry,
      input,
      transfer: transferableBuffers(input),
      ...(options.signal && { signal: options.signal }),
      onNews: (news) => {
        if (news.type === 'progress') options.progress?.(news.ratio, news.message);
        else log.hear(news);
      },
    });
    const runIds = await log.runIds();
    return {
      output,
      trials: output.trials.map((trial) => ({ ...trial, trackingRunId: runIds.get(trial.number) ?? null })),
    };
  } catch (error) {
    await log.breakOff(options.signal?.aborted ? 'killed' : 'failed');
    throw error;
  }
}

function parityFailed(best: TrialResult, parity: Readonly<Record<string, unknown>>): Error {
  return trainingErrors.TRN_PARITY_FAILED(
    `The package of ${best.trainer} differs by up to ${parity.maxAbsDifference} on ${parity.rows} rows.`,
    { data: { ...parity, trainer: best.trainer, params: best.params } },
  );
}
