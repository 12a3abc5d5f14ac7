import { type TuneStep, TuneStepSchema } from '@fairlead/contracts';
import type { ObjectStore } from '../../../platform/objects/index.js';
import type { Json, StepContext, StepHandler } from '../../pipelines/index.js';
import type { TrackingService } from '../../tracking/index.js';
import { writeRecord } from '../training-record.js';
import type { TrainingService, TuneResult } from '../training-types.js';
import { paramsChecker } from './check-params.js';
import { type JobData, jobOf, jobProblems } from './training-job.js';

export interface TuneStepDeps {
  readonly training: Pick<TrainingService, 'tune'>;
  readonly data: JobData;
  readonly tracking: Pick<TrackingService, 'link' | 'linkArtifact' | 'logBatch'>;
  readonly objects: ObjectStore;
}

const checkShape = paramsChecker(TuneStepSchema);

/** The built-in step `tune`: input `split`; output `tuning`, the best, the leader board and the studies as JSON. */
export function createTuneStep(deps: TuneStepDeps): StepHandler {
  return {
    uses: 'tune',
    version: '1',
    title: 'Search for the best parameters',
    cacheable: true,
    check: (params) => {
      const problems = checkShape(params);
      return problems.length > 0 ? problems : jobProblems(params as TuneStep);
    },
    run: async (step) => {
      const { job, source } = await jobOf(deps.data, step);
      const result = await deps.training.tune(step.context, job, { signal: step.signal, progress: step.progress });
      const { digest } = await writeRecord(deps.objects, {
        ...{ kind: 'fairlead.tuning', version: 1, request: job.request, source },
        ...result,
      });
      await logResult(deps, step, { result, digest, metric: String(job.request.metric) });
      const { splitId, trackingRunId } = source;
      const edge = {
        from: { kind: 'split', id: splitId },
        to: { kind: 'run', id: trackingRunId },
        relation: 'used-by',
      };
      return {
        outputs: { tuning: { kind: 'file', id: digest, digest } },
        summary: summaryOf(result, String(job.request.metric)),
        commit: (tx) => deps.tracking.link(tx, [edge]),
      };
    },
  };
}

async function logResult(
  { tracking }: TuneStepDeps,
  { context, trackingRunId }: StepContext,
  { result, digest, metric }: { result: TuneResult; digest: string; metric: string },
): Promise<void> {
  const { best, comparedRows, nested } = result;
  const params = Object.entries(best.params).map(([name, value]) => [`best.${name}`, value ?? 'null'] as const);
  await tracking.linkArtifact(context, trackingRunId, { path: 'tuning.json', digest });
  await tracking.logBatch(context, trackingRunId, {
    params: { 'best.trainer': best.trainer, compared_rows: comparedRows, ...Object.fromEntries(params) },
    tags: {
      'fairlead.best-score': `${metric} ${best.score}`,
      ...(nested && { 'fairlead.nested-score': `${metric} ${nested.score} ± ${nested.standardDeviation ?? '?'}` }),
    },
  });
}

function summaryOf({ best, leaderboard, comparedRows, nested }: TuneResult, metric: string): Json {
  const count = (state: string) => leaderboard.filter((trial) => trial.state === state).length;
  return {
    ...{ best: best.trainer, params: best.params, metric, score: best.score, rows: comparedRows },
    ...{ trials: leaderboard.length, pruned: count('pruned'), failed: count('failed') },
    ...(nested && { nested: { score: nested.score, standardDeviation: nested.standardDeviation } }),
  };
}
