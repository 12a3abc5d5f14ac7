import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChangeContext } from '../../platform/db/index.js';
import type { RunningJob } from '../../platform/jobs/index.js';
import type { RunEnvironment } from '../tracking/index.js';
import { readComponents } from './cache-key.js';
import { explainDifference } from './cache-rules.js';
import { checkOutCode } from './checkout-code.js';
import { missingRun } from './end-run.js';
import { executeStep } from './execute-step.js';
import type { Room } from './pipelines-deps.js';
import { pipelinesErrors } from './pipelines-errors.js';
import type { RunRecord, StepRecord } from './pipelines-store.js';
import type { RepeatedStep, RepeatOptions } from './pipelines-types.js';
import { type PreparedStep, prepareStep } from './prepare-step.js';
import { endTrackingRun } from './step-tracking.js';

/**
 * Does a finished step again from its record: same inputs, parameters and seed; code of the project as it was, checked out into
 * an empty folder; no cache. The record is not touched; what comes out is tracked as a run of its own.
 *
 * @throws PIP_RUN_NOT_FOUND, PIP_STEP_NOT_REPEATABLE, PIP_CODE_GONE, and whatever the step throws
 */
export async function repeatStep(
  room: Room,
  context: ChangeContext,
  { runId, step: name, job }: RepeatOptions,
): Promise<RepeatedStep> {
  const run = (await room.store.run(room.db, runId)) ?? missingRun(runId);
  const record = (await room.store.steps(room.db, [runId])).find((step) => step.name === name);
  const { original, recorded } = await requireRepeatable(room, run, record);
  const into = join(room.workFolder, 'reproductions', `${job.id}-${job.fence}-${name}`);
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  try {
    const asked = await prepareStep(room, run, name);
    const ownCode = 'uses' in asked.spec;
    const git = original.environment?.git ?? null;
    const fresh = !ownCode && git !== null;
    const projectFolder = fresh
      ? await checkOutCode(room.objects, git, { projectFolder: run.projectFolder, into })
      : run.projectFolder;
    const step: PreparedStep = { ...asked, projectFolder };
    const { environment, trackingRunId } = await startRepeatedRun(room, context, { step, originalRunId: original.id });
    const changed = await differences(room, step, { recorded, before: original.environment, after: environment });
    const after = await execute(room, step, { job, context, trackingRunId });
    return {
      pipelineRunId: runId,
      step: name,
      originalRunId: original.id,
      runId: trackingRunId,
      before: (record as StepRecord).outputs,
      after,
      changed,
      code: ownCode ? 'built-in' : fresh ? 'checked-out' : 'project-folder',
    };
  } finally {
    await rm(into, { recursive: true, force: true });
  }
}

async function requireRepeatable(room: Room, run: RunRecord, step: StepRecord | undefined) {
  const refuse = (why: string): never => {
    throw pipelinesErrors.PIP_STEP_NOT_REPEATABLE(`${why[0]?.toUpperCase()}${why.slice(1)}.`, {
      data: { runId: run.id, step: step?.name ?? null },
    });
  };
  if (step === undefined) return refuse('the run has no such step');
  if (step.state !== 'succeeded' && step.state !== 'cached') return refuse(`step ${step.name} is ${step.state}`);
  const spec = (await room.store.spec(room.db, run.specDigest)).steps[step.name];
  if (spec !== undefined && 'uses' in spec && room.handlers.get(spec.uses)?.cacheable !== true) {
    return refuse(`step ${step.name} (${spec.uses}) acts outside its result`);
  }
  if (step.trackingRunId === null) return refuse(`step ${step.name} has no tracked run`);
  const entry = step.cacheKey === null ? undefined : await room.store.cached(room.db, step.cacheKey);
  return { original: await room.tracking.run(step.trackingRunId), recorded: entry?.components ?? null };
}

async function startRepeatedRun(
  room: Room,
  context: ChangeContext,
  { step, originalRunId }: { step: PreparedStep; originalRunId: string },
): Promise<{ environment: RunEnvironment; trackingRunId: string }> {
  const { tracking } = room;
  const command = step.argv.length > 0 ? step.argv : undefined;
  const environment = await tracking.captureEnvironment(step.projectFolder, { step: step.seed }, command);
  const { id } = await tracking.startRun(context, {
    experiment: step.pipeline,
    name: `${step.name}, again`,
    tags: {
      'fairlead.kind': 'reproduction',
      'fairlead.reproduces': originalRunId,
      'fairlead.pipeline': step.pipeline,
      'fairlead.step': step.name,
    },
    environment,
  });
  return { environment, trackingRunId: id };
}

interface Surroundings {
  readonly recorded: Parameters<typeof explainDifference>[0] | null;
  readonly before: RunEnvironment | null;
  readonly after: RunEnvironment;
}

/** What decides the result and is not as it was: parts of the step's key first, then the machine. */
async function differences(
  room: Room,
  step: PreparedStep,
  { recorded, before, after }: Surroundings,
): Promise<string[]> {
  const key = recorded === null ? [] : explainDifference(recorded, await readComponents(room, step));
  if (before === null) return [...key, 'the environment of the run was not recorded'];
  const facts = ({ runtime, fairleadVersion }: RunEnvironment) => ({
    fairlead: fairleadVersion,
    node: runtime.node,
    os: runtime.os,
    cpu: runtime.cpu,
  });
  const [then, now] = [facts(before), facts(after)];
  const names = Object.keys(then) as (keyof typeof then)[];
  const machine = names
    .filter((name) => then[name] !== now[name])
    .map((name) => `${name}: ${then[name]} → ${now[name]}`);
  return [...key, ...machine];
}

async function execute(
  room: Room,
  step: PreparedStep,
  { job, context, trackingRunId }: { job: RunningJob; context: ChangeContext; trackingRunId: string },
): Promise<RepeatedStep['after']> {
  try {
    // Its commit is left out: it would link the lineage of the record anew.
    const { outputs } = await executeStep(room, step, { job, context, trackingRunId });
    job.signal.throwIfAborted();
    await endTrackingRun(room.tracking, context, { id: trackingRunId, status: 'finished' });
    return outputs;
  } catch (error) {
    const status = job.signal.aborted ? 'killed' : 'failed';
    await endTrackingRun(room.tracking, context, { id: trackingRunId, status });
    throw error;
  }
}
