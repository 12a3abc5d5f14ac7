import { type FairleadError, isFairleadError, messageOf } from '@fairlead/kernel';
import type { ChangeContext, Reader, Tx } from '../../platform/db/index.js';
import type { JobHandler, JobOutcome, RunningJob } from '../../platform/jobs/index.js';
import { advanceRun, endStep } from './advance-run.js';
import { type CacheLook, lookInCache } from './cache-key.js';
import { executeStep } from './execute-step.js';
import type { Room } from './pipelines-deps.js';
import { pipelinesErrors } from './pipelines-errors.js';
import type { CacheEntry, RunRecord, StepPatch, StepRecord } from './pipelines-store.js';
import type { StepResult } from './pipelines-types.js';
import { type PreparedStep, prepareStep } from './prepare-step.js';
import { endTrackingRun, startStepRun } from './step-tracking.js';

/** One run of a step's job. */
interface Attempt {
  readonly room: Room;
  readonly job: RunningJob;
  readonly run: RunRecord;
  readonly step: StepRecord;
  readonly context: ChangeContext;
}

// Reasons for which somebody else decides what becomes of the step.
const NOT_OURS = new Set(['JOB_LEASE_LOST', 'JOB_SHUTDOWN', 'JOB_CANCELLED']);

/**
 * The handler of step jobs. The result of a step, its successors and the facts in the ledger are written in the
 * transaction that ends the job, so a step that has finished never runs again, and one that has not runs from its start.
 */
export function createStepHandler(room: Room): JobHandler {
  return async (job) => {
    const attempt = await claim(room, job);
    if (attempt === null) return {};
    try {
      const prepared = await prepareStep(room, attempt.run, attempt.step.name);
      const look = await lookInCache(room, prepared);
      return 'hit' in look ? reuse(attempt, look.hit) : await perform(attempt, prepared, look);
    } catch (thrown) {
      const error = toStepError(thrown, job);
      if (NOT_OURS.has(error.code)) throw error;
      return failOrRetry(attempt, error);
    }
  };
}

async function claim(room: Room, job: RunningJob): Promise<Attempt | null> {
  const { store, db, clock, tracking } = room;
  const { runId, step: name } = job.payload as { runId: string; step: string };
  const run = await store.run(db, runId);
  const step = (await store.steps(db, [runId])).find((one) => one.name === name);
  if (run === undefined || step === undefined || run.state !== 'running') return null;
  const context: ChangeContext = { actor: run.creator };
  const patch: StepPatch = { state: 'running', attempt: step.attempt + 1, startedAtMs: clock.nowMs(), error: null };
  const key = { runId, name, jobId: job.id, fence: job.fence };
  if (!(await db.transact(context, (tx) => store.claimStep(tx, key, patch)))) return null;
  // Left open by a worker that was killed, or by a try that failed.
  if (step.trackingRunId !== null)
    await endTrackingRun(tracking, context, { id: step.trackingRunId, status: 'killed' });
  return { room, job, run, step, context };
}

function reuse(attempt: Attempt, hit: CacheEntry): JobOutcome {
  const patch: StepPatch = {
    cacheKey: hit.key,
    whyNotCached: [],
    cachedFromRunId: hit.runId,
    outputs: hit.outputs,
    summary: hit.summary,
    trackingRunId: hit.trackingRunId,
  };
  return {
    commit: (tx) =>
      commit(attempt, tx, async (run) => {
        const { room, step } = attempt;
        // So that the next miss is explained against what this step gave last.
        await room.store.saveCache(tx, {
          ...hit,
          pipeline: run.pipeline,
          step: step.name,
          createdAtMs: room.clock.nowMs(),
        });
        await endStep(room, tx, { run, step: step.name, state: 'cached', patch });
      }),
  };
}

async function perform(
  attempt: Attempt,
  prepared: PreparedStep,
  look: Exclude<CacheLook, { hit: CacheEntry }>,
): Promise<JobOutcome> {
  const { room, job, context, step } = attempt;
  const trackingRunId = await startStepRun(room, context, prepared);
  const facts: StepPatch = {
    trackingRunId,
    whyNotCached: look.why,
    cacheKey: look.store?.key ?? null,
    cachedFromRunId: null,
  };
  const key = { runId: attempt.run.id, name: step.name, jobId: job.id, fence: job.fence };
  await room.db.transact(context, (tx) => room.store.claimStep(tx, key, facts));
  try {
    const result = await executeStep(room, prepared, { job, context, trackingRunId });
    job.signal.throwIfAborted();
    await endTrackingRun(room.tracking, context, { id: trackingRunId, status: 'finished' });
    return succeed(attempt, prepared, { result, trackingRunId, store: look.store });
  } catch (error) {
    const stopped = NOT_OURS.has(toStepError(error, job).code);
    await endTrackingRun(room.tracking, context, { id: trackingRunId, status: stopped ? 'killed' : 'failed' });
    throw error;
  }
}

function succeed(
  attempt: Attempt,
  prepared: PreparedStep,
  done: {
    result: StepResult;
    trackingRunId: string;
    store: { key: string; components: CacheEntry['components'] } | null;
  },
): JobOutcome {
  const { room, step } = attempt;
  const { result, trackingRunId, store } = done;
  const { outputs, summary = null } = result;
  return {
    commit: (tx) =>
      commit(attempt, tx, async (run) => {
        await result.commit?.(tx);
        const self = { kind: 'run', id: trackingRunId };
        const node = ({ kind, id }: { kind: string; id: string }) => ({ kind, id });
        await room.tracking.link(tx, [
          ...Object.values(prepared.inputs).map((ref) => ({ from: node(ref), to: self, relation: 'input-of' })),
          ...Object.values(outputs).map((ref) => ({ from: self, to: node(ref), relation: 'output-of' })),
        ]);
        if (store !== null) {
          const { pipeline, id: runId } = run;
          const entry = { ...store, pipeline, step: step.name, runId, trackingRunId, outputs, summary };
          await room.store.saveCache(tx, { ...entry, createdAtMs: room.clock.nowMs() });
        }
        await endStep(room, tx, { run, step: step.name, state: 'succeeded', patch: { outputs, summary, error: null } });
      }),
  };
}

/** Runs `write` and what follows from it in the job's own transaction, unless the step has come to another end meanwhile. */
async function commit(
  { room, job, run, step }: Attempt,
  tx: Tx & Reader,
  write: (run: RunRecord) => Promise<void>,
): Promise<void> {
  const locked = await room.store.lockRun(tx, run.id);
  const now = (await room.store.steps(tx, [run.id])).find(({ name }) => name === step.name);
  if (locked === undefined || now?.jobId !== job.id || now.state !== 'running') return;
  await write(locked);
  await advanceRun(room, tx, locked);
}

/** A user's mistake repeats itself, so only faults of the system are tried again, as often as the step allows. */
async function failOrRetry(attempt: Attempt, error: FairleadError): Promise<JobOutcome> {
  const { room, job, context, step, run } = attempt;
  const facts = { code: error.code, message: error.message, remedy: error.remedy };
  const { retries = 0 } = (await room.store.spec(room.db, run.specDigest)).steps[step.name] ?? {};
  if (error.fault === 'system' && job.attempt <= retries) {
    const key = { runId: run.id, name: step.name, jobId: job.id, fence: job.fence };
    await room.db.transact(context, (tx) => room.store.claimStep(tx, key, { state: 'queued', error: facts }));
    throw error;
  }
  return {
    result: { failed: error.code },
    commit: (tx) =>
      commit(attempt, tx, (locked) =>
        endStep(room, tx, { run: locked, step: step.name, state: 'failed', patch: { error: facts } }),
      ),
  };
}

/** What a step threw as a coded error; an abort hides what the work threw while it was being stopped. */
function toStepError(thrown: unknown, job: RunningJob): FairleadError {
  const reason: unknown = job.signal.aborted ? job.signal.reason : undefined;
  if (isFairleadError(reason)) {
    if (reason.code !== 'JOB_TIMED_OUT') return reason;
    return pipelinesErrors.PIP_STEP_TIMED_OUT(reason.message, { cause: thrown });
  }
  if (isFairleadError(thrown)) return thrown;
  return pipelinesErrors.PIP_STEP_FAULT(messageOf(thrown), { cause: thrown });
}
