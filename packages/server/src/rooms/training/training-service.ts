import { availableParallelism } from 'node:os';
import { type Clock, canonicalJson } from '@fairlead/kernel';
import type { ChangeContext, Db } from '../../platform/db/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { TrackingService } from '../tracking/index.js';
import { runTraining, type TrainedPackage } from './engine/run-training.js';
import type { SearchedTrial } from './engine/search-news.js';
import type { ModelScorer } from './model-scorer.js';
import { type PlannedSearch, planSearch, type TrainingJob } from './plan-problem.js';
import { modelTrained } from './training-events.js';
import type { TrainingService, TrialResult } from './training-types.js';
import { TrialLog } from './trial-log.js';

export interface TrainingDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly tracking: TrackingService;
  readonly scorer: ModelScorer;
  /** Of Fairlead; it stands in every package. */
  readonly version: string;
}

type Options = NonNullable<Parameters<TrainingService['train']>[2]>;

export function createTrainingService(deps: TrainingDeps): TrainingService {
  return {
    train: async (context, job, options = {}) => {
      const planned = planSearch(job, { 'fairlead.version': deps.version });
      for (const { column, reason } of planned.leftOut) options.progress?.(0, `left out ${column}: ${reason}`);
      const { trained, runIds } = await search(deps, context, { job, planned, options });
      const trials = trained.trials.map((trial) => resultOf(trial, runIds));
      const [best] = trials as [TrialResult, ...TrialResult[]];
      const model = await deps.objects.putBytes(trained.bytes);
      const study = trained.studies.length === 0 ? null : await deps.objects.putBytes(studyBytes(trained.studies));
      const trainedRows = job.table.rowCount;
      await deps.db.transact(context, async (tx) => {
        const { experiment, parentRunId: trackingRunId, request } = job;
        const { trainer, score } = best;
        const metric = request.metric ?? null;
        const facts = { experiment, trackingRunId, trainer, metric, score, trainedRows };
        const subject = { kind: 'model', id: model.digest };
        tx.record(modelTrained.of(subject, { modelDigest: model.digest, trials: trials.length, ...facts }));
      });
      options.progress?.(1, `chose ${best.trainer}`);
      const { signature } = planned.problem;
      return {
        best,
        leaderboard: trials,
        signature,
        model,
        parity: trained.parity,
        trainedRows,
        ...(study && { study }),
        decisions: [...planned.leftOut, ...trained.decisions],
        ...(trained.notes.length > 0 && { notes: trained.notes }),
      };
    },
  };
}

/** Everything that the studies were told; `verifyStudy` derives their suggestions from it anew. */
function studyBytes(studies: TrainedPackage['studies']): Uint8Array {
  return new TextEncoder().encode(canonicalJson({ kind: 'fairlead.studies', version: 1, studies }));
}

async function search(
  deps: TrainingDeps,
  context: ChangeContext,
  { job, planned, options }: { job: TrainingJob; planned: PlannedSearch; options: Options },
): Promise<{ trained: TrainedPackage; runIds: ReadonlyMap<number, string> }> {
  const { experiment, parentRunId } = job;
  const { metric } = planned.problem;
  const log = new TrialLog(deps, { context, experiment, parentRunId, metric });
  const untilMs = job.request.timeBudgetMs === undefined ? undefined : deps.clock.nowMs() + job.request.timeBudgetMs;
  try {
    const trained = await runTraining(planned, {
      scorer: deps.scorer,
      stagingPath: () => deps.objects.stagingPath('.onnx'),
      threads: options.threads ?? availableParallelism(),
      signal: options.signal,
      search: job.request.search,
      ...(untilMs !== undefined && { over: () => deps.clock.nowMs() >= untilMs }),
      tell: (news) => {
        if (news.type === 'progress') options.progress?.(news.ratio, news.message);
        else log.hear(news);
      },
    });
    return { trained, runIds: await log.runIds() };
  } catch (error) {
    await log.breakOff(options.signal?.aborted ? 'killed' : 'failed');
    throw error;
  }
}

function resultOf({ score, failure, ...trial }: SearchedTrial, runIds: ReadonlyMap<number, string>): TrialResult {
  return {
    ...trial,
    score: Number.isNaN(score) ? null : score,
    trackingRunId: runIds.get(trial.number) ?? null,
    ...(failure !== null && { failure }),
  };
}
