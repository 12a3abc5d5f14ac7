import { type Actor, isFairleadError } from '@fairlead/kernel';
import type { ChangeContext, Db } from '../../../platform/db/index.js';
import type { JobQueue, JsonValue, RunningJob } from '../../../platform/jobs/index.js';
import type { ObjectStore } from '../../../platform/objects/index.js';
import type { DataService } from '../../data/index.js';
import type { EnvironmentChoice, PipelineRun, PipelinesService, RepeatedStep } from '../../pipelines/index.js';
import type { TrackingService } from '../../tracking/index.js';
import type { ModelScorer } from '../model-scorer.js';
import { trainingErrors } from '../training-errors.js';
import { runReproduced } from '../training-events.js';
import { compareOutputs } from './compare-outputs.js';
import { compareMetrics, firstDifferenceOf, levelOf, weakest } from './reproduction-rules.js';
import type { Reproduction, StepReproduction } from './reproduction-types.js';

export interface ReproductionDeps {
  readonly db: Db;
  readonly jobs: JobQueue;
  readonly objects: ObjectStore;
  readonly tracking: TrackingService;
  readonly pipelines: PipelinesService;
  readonly data: Pick<DataService, 'readPart'>;
  readonly scorer: ModelScorer;
}

export interface ReproductionService {
  /**
   * Starts the repetition of a run: of one step when the run is that of a step, of every step that can be done again when it
   * is a pipeline's. The job's result is a {@link Reproduction}.
   *
   * @param tolerance how far probabilities and metrics may be apart and still count as the same; default 1e-6.
   * @param environment among which packages commands and functions run; default `rebuild`.
   * @throws TRN_RUN_NOT_REPRODUCIBLE
   */
  start(
    context: ChangeContext,
    request: { runId: string; tolerance?: number; environment?: EnvironmentChoice },
  ): Promise<{ jobId: string }>;
}

const REPRODUCE_JOB = 'training.reproduce';
const DEFAULT_TOLERANCE = 1e-6;
/** What keeps one step from being done again and not the others. */
const NOT_DONE_AGAIN = ['PIP_STEP_NOT_REPEATABLE', 'PIP_CODE_GONE', 'PIP_CODE_MISSING'];

interface Payload {
  readonly runId: string;
  readonly pipelineRunId: string;
  readonly steps: readonly string[];
  readonly tolerance: number;
  readonly environment: EnvironmentChoice;
  readonly actor: Actor;
}

/** Registers its job with the queue, which must not have been started yet. */
export function createReproduction(deps: ReproductionDeps): ReproductionService {
  deps.jobs.handle(REPRODUCE_JOB, (job) => reproduce(deps, job), { concurrency: 1 });
  return {
    start: async (context, { runId, tolerance = DEFAULT_TOLERANCE, environment = 'rebuild' }) => {
      const { run, steps } = await findSteps(deps, runId);
      const { actor } = context;
      const payload: Payload = { runId, pipelineRunId: run.id, steps, tolerance, environment, actor };
      const jobId = await deps.db.transact(context, (tx) =>
        deps.jobs.enqueue(tx, {
          kind: REPRODUCE_JOB,
          payload: payload as unknown as JsonValue,
          dedupeKey: runId,
          maxAttempts: 1,
        }),
      );
      return { jobId };
    },
  };
}

async function findSteps(
  { tracking, pipelines }: ReproductionDeps,
  runId: string,
): Promise<{ run: PipelineRun; steps: string[] }> {
  const tracked = await orNull(tracking.run(runId), 'TRK_RUN_NOT_FOUND');
  const step = tracked?.tags['fairlead.step'];
  const run = await orNull(pipelines.run(tracked?.tags['fairlead.pipelineRun'] ?? runId), 'PIP_RUN_NOT_FOUND');
  if (run !== null) return { run, steps: step === undefined ? run.steps.map(({ name }) => name) : [step] };
  throw trainingErrors.TRN_RUN_NOT_REPRODUCIBLE(
    tracked === null ? `There is no run ${runId}.` : `The run ${runId} (${tracked.name}) was not made by a pipeline.`,
    { data: { runId } },
  );
}

async function orNull<T>(work: Promise<T>, code: string): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isFairleadError(error) && error.code === code) return null;
    throw error;
  }
}

async function reproduce(deps: ReproductionDeps, job: RunningJob) {
  const { runId, pipelineRunId, steps: names, tolerance, environment, actor } = job.payload as unknown as Payload;
  const context: ChangeContext = { actor };
  const steps: StepReproduction[] = [];
  const skipped: { step: string; why: string }[] = [];
  for (const [index, name] of names.entries()) {
    job.progress(index / names.length, `doing ${name} again`);
    try {
      const repeated = await deps.pipelines.repeat(context, { runId: pipelineRunId, step: name, job, environment });
      const step = await judge(deps, repeated, { tolerance, signal: job.signal });
      if (step === null) skipped.push({ step: name, why: `Step ${name} has neither outputs nor metrics to compare.` });
      else steps.push(step);
    } catch (error) {
      const expected = isFairleadError(error) && NOT_DONE_AGAIN.includes(error.code) && names.length > 1;
      if (!expected) throw error;
      skipped.push({ step: name, why: error.message });
    }
  }
  if (steps.length === 0) {
    throw trainingErrors.TRN_RUN_NOT_REPRODUCIBLE(`No step of the run ${runId} can be done again.`, {
      data: { runId, skipped },
    });
  }
  const { pipeline } = await deps.pipelines.run(pipelineRunId);
  const level = weakest(steps.map((step) => step.level));
  const reproduction: Reproduction = {
    kind: 'fairlead.reproduction',
    version: 1,
    ...{ runId, pipelineRunId, pipeline, level, tolerance, steps, skipped },
  };
  for (const step of steps) await attest(deps, context, { reproduction, step });
  return {
    result: reproduction as unknown as JsonValue,
    commit: async (tx: Parameters<Parameters<Db['transact']>[1]>[0]) => {
      const facts = { pipelineRunId, level, steps: steps.map(({ step }) => step) };
      tx.record(runReproduced.of({ kind: 'run', id: runId }, facts));
    },
  };
}

/** Null when there is nothing to compare: that would be a verdict about nothing. */
async function judge(
  deps: ReproductionDeps,
  repeated: RepeatedStep,
  { tolerance, signal }: { tolerance: number; signal: AbortSignal },
): Promise<StepReproduction | null> {
  const { step, originalRunId, runId, changed, code, environment, failure } = repeated;
  const outputs = await compareOutputs(deps, repeated, signal);
  const [then, now] = await Promise.all([deps.tracking.run(originalRunId), deps.tracking.run(runId)]);
  const metrics = compareMetrics(then.metrics, now.metrics, tolerance);
  if (outputs.length === 0 && metrics.length === 0 && failure === null) return null;
  const level = failure === null ? levelOf(outputs, metrics, tolerance) : 'different';
  const difference = firstDifferenceOf(changed, outputs, metrics) ?? failure;
  return {
    ...{ step, originalRunId, runId, changed, code, environment, level, outputs, metrics },
    firstDifference: level === 'same-bytes' ? null : difference,
  };
}

/** The verdict beside what was repeated: a file of the repetition, and a tag of the recorded run. */
async function attest(
  { tracking }: ReproductionDeps,
  context: ChangeContext,
  { reproduction, step }: { reproduction: Reproduction; step: StepReproduction },
): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(reproduction, null, 2));
  await tracking.putArtifact(context, step.runId, { path: 'reproduction.json', bytes });
  await tracking.logBatch(context, step.originalRunId, {
    tags: { 'fairlead.reproduced': `${step.level} by run ${step.runId}` },
  });
}
