import type { ChangeContext } from '../../platform/db/index.js';
import type { RunEnvironment } from '../tracking/index.js';
import { readComponents } from './cache-key.js';
import { explainDifference } from './cache-rules.js';
import { checkOutCode } from './checkout-code.js';
import { doStepAgain, notRepeatable } from './do-step-again.js';
import { missingRun } from './end-run.js';
import { rebuildEnvironment, type Surrounded } from './environments/rebuild-environment.js';
import type { Room } from './pipelines-deps.js';
import type { RunRecord, StepRecord } from './pipelines-store.js';
import type { RepeatedStep, RepeatOptions } from './pipelines-types.js';
import { type PreparedStep, prepareStep } from './prepare-step.js';
import { withReproductionFolder } from './reproduction-folder.js';
import { endTrackingRun } from './step-tracking.js';

/**
 * Does a finished step again from its record: same inputs, parameters and seed; code of the project as it was, checked out into
 * an empty folder; the packages of its lock files installed there; no cache. The record is not touched; what comes out is
 * tracked as a run of its own.
 *
 * @throws PIP_RUN_NOT_FOUND, PIP_STEP_NOT_REPEATABLE, PIP_CODE_GONE, and faults of the system; a step that fails is an answer
 */
export async function repeatStep(room: Room, context: ChangeContext, options: RepeatOptions): Promise<RepeatedStep> {
  const { runId, step: name, job } = options;
  const run = (await room.store.run(room.db, runId)) ?? missingRun(runId);
  const record = (await room.store.steps(room.db, [runId])).find((step) => step.name === name);
  const recorded = await requireRepeatable(room, run, record);
  return withReproductionFolder(room.workFolder, `${job.id}-${job.fence}`, async (into) => {
    const asked = await prepareStep(room, run, name);
    const git = recorded.original.environment?.git ?? null;
    if ('uses' in asked.spec || git === null)
      return repeatPrepared(room, context, { ...options, into, recorded, step: asked });
    const checkedOut = await checkOutCode(room.objects, git, { projectFolder: run.projectFolder, into });
    return repeatPrepared(room, context, { ...options, into, recorded, step: { ...asked, projectFolder: checkedOut } });
  });
}

type Recorded = Awaited<ReturnType<typeof requireRepeatable>>;

interface Repetition extends Omit<RepeatOptions, 'step'> {
  readonly into: string;
  readonly recorded: Recorded;
  readonly step: PreparedStep;
}

async function repeatPrepared(room: Room, context: ChangeContext, repetition: Repetition): Promise<RepeatedStep> {
  const { recorded, step, runId } = repetition;
  const { original, components, record } = recorded;
  const { environment, trackingRunId } = await startRepeatedRun(room, context, { step, original });
  try {
    const surroundings = { recorded: components, before: original.environment, after: environment };
    const changed = await differences(room, step, surroundings);
    const surrounded = await surround(room, context, { ...repetition, trackingRunId });
    const done = await doStepAgain(room, surrounded, { context, trackingRunId, job: repetition.job, recorded: record });
    await endTrackingRun(room.tracking, context, {
      id: trackingRunId,
      status: done.failure === null ? 'finished' : 'failed',
    });
    const own = 'uses' in step.spec ? 'built-in' : null;
    return {
      ...{ pipelineRunId: runId, step: step.name, originalRunId: original.id, runId: trackingRunId },
      ...{ before: done.before, after: done.after, failure: done.failure },
      changed: [...done.causes, ...changed, ...done.effects],
      code: own ?? (step.projectFolder === step.run.projectFolder ? 'project-folder' : 'checked-out'),
      environment: surrounded.environment,
    };
  } catch (error) {
    const status = repetition.job.signal.aborted ? 'killed' : 'failed';
    await endTrackingRun(room.tracking, context, { id: trackingRunId, status });
    throw error;
  }
}

async function requireRepeatable(room: Room, run: RunRecord, step: StepRecord | undefined) {
  const refuse = (why: string) => notRepeatable(run.id, step?.name ?? null, why);
  if (step === undefined) throw refuse('the run has no such step');
  if (step.state !== 'succeeded' && step.state !== 'cached') throw refuse(`step ${step.name} is ${step.state}`);
  const spec = (await room.store.spec(room.db, run.specDigest)).steps[step.name];
  const handler = spec !== undefined && 'uses' in spec ? room.handlers.get(spec.uses) : null;
  if (handler === undefined || (handler !== null && !handler.cacheable && handler.repeat === undefined)) {
    const uses = spec !== undefined && 'uses' in spec ? ` (${spec.uses})` : '';
    throw refuse(`step ${step.name}${uses} acts outside its result: doing it again would do that again`);
  }
  if (step.trackingRunId === null) throw refuse(`step ${step.name} has no tracked run`);
  const entry = step.cacheKey === null ? undefined : await room.store.cached(room.db, step.cacheKey);
  const original = await room.tracking.run(step.trackingRunId);
  return { original, components: entry?.components ?? null, record: step };
}

async function startRepeatedRun(
  room: Room,
  context: ChangeContext,
  { step, original }: { step: PreparedStep; original: Recorded['original'] },
): Promise<{ environment: RunEnvironment; trackingRunId: string }> {
  const { tracking } = room;
  const command = step.argv.length > 0 ? step.argv : undefined;
  const captured = await tracking.captureEnvironment(step.projectFolder, { step: step.seed }, command);
  // What was checked out is no repository any more; it is the commit of the record.
  const checkedOut = step.projectFolder !== step.run.projectFolder;
  const environment = checkedOut ? { ...captured, git: original.environment?.git ?? null } : captured;
  const { id } = await tracking.startRun(context, {
    experiment: step.pipeline,
    name: `${step.name}, again`,
    tags: {
      'fairlead.kind': 'reproduction',
      'fairlead.reproduces': original.id,
      'fairlead.pipeline': step.pipeline,
      'fairlead.step': step.name,
    },
    environment,
  });
  return { environment, trackingRunId: id };
}

async function surround(
  room: Room,
  context: ChangeContext,
  { recorded, step, job, environment: choice, into, trackingRunId }: Repetition & { trackingRunId: string },
): Promise<Surrounded> {
  if ('uses' in step.spec) return { environment: { kind: 'fairlead', detail: room.version, packages: [] }, step };
  const { lockfile } = recorded.original.environment ?? { lockfile: null };
  return rebuildEnvironment(room, step, {
    ...{ choice, context, trackingRunId, folder: into, signal: job.signal },
    recorded: recorded.components?.lock ?? (lockfile === null ? {} : { [lockfile.name]: lockfile.digest }),
    checkedOut: step.projectFolder !== step.run.projectFolder,
    projectFolder: step.run.projectFolder,
    progress: (message) => job.progress(0, `${step.name}: ${message}`),
  });
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
