import { availableParallelism } from 'node:os';
import { type Clock, canonicalJson } from '@fairlead/kernel';
import type { ChangeContext, Db } from '../../platform/db/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { TrackingService } from '../tracking/index.js';
import { type Comparison, compareCandidates, runTraining, type TrainingTools } from './engine/run-training.js';
import type { SearchedTrial } from './engine/search-news.js';
import { paretoFront } from './engine/selection-rules.js';
import type { ModelScorer } from './model-scorer.js';
import { type PlannedSearch, planSearch } from './plan-problem.js';
import { modelTrained } from './training-events.js';
import type {
  StudyLog,
  TrainingJob,
  TrainingOptions,
  TrainingService,
  TrainRequest,
  TrainResult,
  TrialResult,
  TuneResult,
} from './training-types.js';
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

export function createTrainingService(deps: TrainingDeps): TrainingService {
  const plan = (job: TrainingJob, options: TrainingOptions): PlannedSearch => {
    const planned = planSearch(job, { 'fairlead.version': deps.version });
    for (const { column, reason } of planned.leftOut) options.progress?.(0, `left out ${column}: ${reason}`);
    return planned;
  };
  return {
    train: async (context, { tuning, ...job }, options = {}) => {
      const request = tuning ? fitOnly(job.request) : job.request;
      const planned = plan({ ...job, request }, options);
      const work = { job: { ...job, request }, planned, options };
      const { found: trained, trials } = await search(deps, context, { ...work, run: runTraining });
      const leaderboard = tuning?.result.leaderboard ?? trials;
      const best = tuning?.result.best ?? (leaderboard[0] as TrialResult);
      const nested = tuning?.result.nested ?? trained.nested;
      const model = await deps.objects.putBytes(trained.bytes);
      const study = trained.studies.length === 0 ? null : await deps.objects.putBytes(studyBytes(trained.studies));
      const result: TrainResult = {
        ...{ best, leaderboard, model, signature: planned.problem.signature, parity: trained.parity },
        trainedRows: job.table.rowCount,
        ...(nested && { nested }),
        ...(tuning && { tuning: { digest: tuning.digest } }),
        ...(study && { study }),
        decisions: [...planned.leftOut, ...trained.decisions],
        ...(trained.notes.length > 0 && { notes: trained.notes }),
      };
      await record(deps, context, job, result);
      options.progress?.(1, `chose ${best.trainer}`);
      return result;
    },
    tune: async (context, job, options = {}) => {
      const planned = plan(job, options);
      const { found, trials } = await search(deps, context, { job, planned, options, run: compareCandidates });
      const [best] = trials as [TrialResult, ...TrialResult[]];
      options.progress?.(1, `best: ${best.trainer}`);
      const result: TuneResult = {
        ...{ best, leaderboard: trials, studies: found.studies, notes: found.notes },
        ...{ comparedRows: job.table.rowCount, leftOut: planned.leftOut },
        ...(found.nested && { nested: found.nested }),
      };
      return result;
    },
  };
}

/** The request without what a tuning has done already: one candidate is fitted, nothing is compared. */
function fitOnly({ metric: _m, alpha: _a, search: _s, timeBudgetMs: _t, ...request }: TrainRequest): TrainRequest {
  const { validation } = request;
  return { ...request, validation: validation.kind === 'nested' ? validation.inner : validation };
}

async function record(
  deps: TrainingDeps,
  context: ChangeContext,
  { experiment, parentRunId: trackingRunId, request }: TrainingJob,
  { best, leaderboard, model, trainedRows }: TrainResult,
): Promise<void> {
  const { trainer, score } = best;
  const facts = { experiment, trackingRunId, trainer, metric: request.metric ?? null, score, trainedRows };
  const payload = { modelDigest: model.digest, trials: leaderboard.length, ...facts };
  await deps.db.transact(context, async (tx) => {
    tx.record(modelTrained.of({ kind: 'model', id: model.digest }, payload));
  });
}

/** Everything that the studies were told; `verifyStudy` derives their suggestions from it anew. */
function studyBytes(studies: readonly StudyLog[]): Uint8Array {
  return new TextEncoder().encode(canonicalJson({ kind: 'fairlead.studies', version: 1, studies }));
}

interface SearchWork<T extends Comparison> {
  readonly job: TrainingJob;
  readonly planned: PlannedSearch;
  readonly options: TrainingOptions;
  readonly run: (planned: PlannedSearch, tools: TrainingTools) => Promise<T>;
}

async function search<T extends Comparison>(
  deps: TrainingDeps,
  context: ChangeContext,
  { job, planned, options, run }: SearchWork<T>,
): Promise<{ found: T; trials: TrialResult[] }> {
  const { experiment, parentRunId, request } = job;
  const { metric, objectives } = planned.problem;
  const log = new TrialLog(deps, { context, experiment, parentRunId, metric });
  const untilMs = request.timeBudgetMs === undefined ? undefined : deps.clock.nowMs() + request.timeBudgetMs;
  try {
    const found = await run(planned, {
      scorer: deps.scorer,
      stagingPath: () => deps.objects.stagingPath('.onnx'),
      threads: options.threads ?? availableParallelism(),
      signal: options.signal,
      search: request.search,
      ...(untilMs !== undefined && { over: () => deps.clock.nowMs() >= untilMs }),
      tell: (news) => {
        if (news.type === 'progress') options.progress?.(news.ratio, news.message);
        else log.hear(news);
      },
    });
    const runIds = await log.runIds();
    const front = paretoFront(found.trials, metric === null ? [] : [metric, ...objectives]);
    return { found, trials: found.trials.map((trial) => resultOf(trial, { runIds, front })) };
  } catch (error) {
    await log.breakOff(options.signal?.aborted ? 'killed' : 'failed');
    throw error;
  }
}

function resultOf(
  { score, failure, pruned, ...trial }: SearchedTrial,
  { runIds, front }: { runIds: ReadonlyMap<number, string>; front: ReadonlySet<number> },
): TrialResult {
  return {
    ...trial,
    score: Number.isNaN(score) ? null : score,
    state: pruned ? 'pruned' : failure === null ? 'completed' : 'failed',
    ...(front.size > 0 && { paretoOptimal: front.has(trial.number) }),
    trackingRunId: runIds.get(trial.number) ?? null,
    ...(failure !== null && { failure }),
  };
}
