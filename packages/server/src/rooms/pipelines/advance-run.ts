import type { Reader, Tx } from '../../platform/db/index.js';
import { CLOSE_JOB, type Room, STEP_JOB } from './pipelines-deps.js';
import { runFinished, stepFinished } from './pipelines-events.js';
import { finalState, nextSteps } from './pipelines-rules.js';
import type { RunRecord, StepPatch } from './pipelines-store.js';
import type { PipelineRunState, PipelineSpec, StepState } from './pipelines-types.js';

type EndState = Extract<StepState, 'succeeded' | 'cached' | 'failed' | 'skipped' | 'cancelled'>;

/** Ends a step in the running transaction and records the fact. The run's row is locked by the caller. */
export async function endStep(
  { store, clock }: Room,
  tx: Tx & Reader,
  { run, step, state, patch = {} }: { run: RunRecord; step: string; state: EndState; patch?: StepPatch },
): Promise<void> {
  await store.setStep(tx, { runId: run.id, name: step }, { ...patch, state, endedAtMs: clock.nowMs() });
  const payload = { pipeline: run.pipeline, runId: run.id, step, state, errorCode: patch.error?.code ?? null };
  const outcome = state === 'failed' ? 'error' : 'ok';
  tx.record(stepFinished.of({ kind: 'pipeline-run', id: run.id }, payload, { after: { step, state }, outcome }));
}

/**
 * Enqueues the steps that may start now, ends those that never can, and ends the run when nothing is left; all in the
 * running transaction, so that a result and what follows from it are one change.
 */
export async function advanceRun(room: Room, tx: Tx & Reader, run: RunRecord): Promise<void> {
  const { store } = room;
  const spec = await store.spec(tx, run.specDigest);
  const states = Object.fromEntries((await store.steps(tx, [run.id])).map((step) => [step.name, step.state]));
  const { ready, skipped } = nextSteps(spec.steps, states);
  for (const step of skipped) {
    await endStep(room, tx, { run, step, state: 'skipped' });
    states[step] = 'skipped';
  }
  for (const step of ready) {
    await enqueueStep(room, tx, { run, spec, step });
    states[step] = 'queued';
  }
  const final = finalState(states);
  if (final !== null) await finishRun(room, tx, { run, state: final });
}

async function enqueueStep(
  { queue, store }: Room,
  tx: Tx & Reader,
  { run, spec, step }: { run: RunRecord; spec: PipelineSpec; step: string },
): Promise<void> {
  const { retries = 0, timeoutMs } = spec.steps[step] ?? {};
  const jobId = await queue.enqueue(tx, {
    kind: STEP_JOB,
    payload: { runId: run.id, step },
    maxAttempts: retries + 1,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  await store.setStep(tx, { runId: run.id, name: step }, { state: 'queued', jobId, fence: 0 });
}

/** Ends the run, has its tracking runs closed by a durable job, and starts the run that waits next in line. */
export async function finishRun(
  room: Room,
  tx: Tx & Reader,
  { run, state }: { run: RunRecord; state: 'succeeded' | 'failed' | 'cancelled' },
): Promise<void> {
  const { store, queue, clock } = room;
  await store.setRun(tx, run.id, { state, endedAtMs: clock.nowMs() });
  tx.record(
    runFinished.of(
      { kind: 'pipeline-run', id: run.id },
      { pipeline: run.pipeline, runId: run.id, state },
      { before: { state: run.state }, after: { state }, outcome: state === 'failed' ? 'error' : 'ok' },
    ),
  );
  await queue.enqueue(tx, { kind: CLOSE_JOB, payload: { runId: run.id }, maxAttempts: 10 });
  if (run.state === 'running') await startNextInLine(room, tx, run);
}

async function startNextInLine(room: Room, tx: Tx & Reader, ended: RunRecord): Promise<void> {
  const { store } = room;
  // Without this lock a run that is being created just now could miss that its turn has come.
  await store.lockPipeline(tx, ended.pipeline);
  const waiting = await store.runs(tx, { pipeline: ended.pipeline, states: ['queued'], limit: 1000 });
  for (const { id } of waiting.reverse()) {
    // Locked and read again: somebody may be cancelling it at this moment.
    const next = await store.lockRun(tx, id);
    if (next?.state === 'queued') return beginRun(room, tx, next);
  }
}

/** Puts a run to work: its state becomes `running` and its first steps are enqueued. */
export async function beginRun(room: Room, tx: Tx & Reader, run: RunRecord): Promise<void> {
  const state: PipelineRunState = 'running';
  await room.store.setRun(tx, run.id, { state, endedAtMs: null });
  await advanceRun(room, tx, { ...run, state });
}
