import { newId } from '@fairlead/kernel';
import type { ChangeContext, Reader, Tx } from '../../platform/db/index.js';
import { beginRun, endStep, finishRun } from './advance-run.js';
import type { Room } from './pipelines-deps.js';
import { pipelinesErrors } from './pipelines-errors.js';
import { runResumed } from './pipelines-events.js';
import type { RunRecord } from './pipelines-store.js';

const TRIES = 10;

/** Throws PIP_RUN_NOT_FOUND. */
export function missingRun(runId: string): never {
  const shown = runId.slice(0, 80);
  throw pipelinesErrors.PIP_RUN_NOT_FOUND(`There is no pipeline run ${JSON.stringify(shown)}.`, {
    data: { runId: shown },
  });
}

/** Cancels a run: what is queued never starts, what runs is stopped and can no longer commit. */
export async function cancelRun(room: Room, context: ChangeContext, runId: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (await room.db.transact(context, (tx) => tryCancel(room, tx, runId))) return;
  }
  throw pipelinesErrors.PIP_RUN_STATE(`Run ${runId} moves on faster than it can be cancelled; try again.`, {
    data: { runId },
  });
}

/**
 * Jobs are locked before the run, in the order in which a finishing step locks them, so that the two cannot wait for each
 * other. False when a step was enqueued in between: its job would have to be locked after the run.
 */
async function tryCancel(room: Room, tx: Tx & Reader, runId: string): Promise<boolean> {
  const { store, queue } = room;
  const before = await store.steps(tx, [runId]);
  const cancelled = new Set<string>();
  for (const { jobId, state } of before) {
    if (jobId === null || (state !== 'queued' && state !== 'running')) continue;
    await queue.cancel(tx, jobId);
    cancelled.add(jobId);
  }
  const run = (await store.lockRun(tx, runId)) ?? missingRun(runId);
  if (run.state !== 'queued' && run.state !== 'running') return refuse(run, 'cancelled');
  const steps = await store.steps(tx, [runId]);
  const open = steps.filter(({ state }) => state === 'waiting' || state === 'queued' || state === 'running');
  if (open.some(({ jobId, state }) => state !== 'waiting' && !cancelled.has(jobId ?? ''))) return false;
  for (const step of open) await endStep(room, tx, { run, step: step.name, state: 'cancelled' });
  await finishRun(room, tx, { run, state: 'cancelled' });
  return true;
}

/** Puts the steps that did not succeed back to the start. Throws PIP_RUN_STATE unless the run failed or was cancelled. */
export async function resumeRun(room: Room, context: ChangeContext, runId: string): Promise<void> {
  const { store, db, clock } = room;
  await db.transact(context, async (tx) => {
    const run = (await store.lockRun(tx, runId)) ?? missingRun(runId);
    if (run.state !== 'failed' && run.state !== 'cancelled') refuse(run, 'resumed');
    await store.lockPipeline(tx, run.pipeline);
    const active = await store.runs(tx, { pipeline: run.pipeline, states: ['queued', 'running'], limit: 1 });
    const steps = await store.steps(tx, [runId]);
    const again = steps.filter(({ state }) => state !== 'succeeded' && state !== 'cached').map(({ name }) => name);
    for (const name of again) {
      await store.setStep(tx, { runId, name }, { state: 'waiting', jobId: null, endedAtMs: null, error: null });
    }
    const payload = { pipeline: run.pipeline, runId, steps: again };
    const change = { before: { state: run.state }, after: { state: 'running' } };
    tx.record(runResumed.of({ kind: 'pipeline-run', id: runId }, payload, change));
    // A new tracking run: the one of the first try has ended, and ended runs do not change.
    const trackingRunId = newId(clock.nowMs());
    await store.setRun(tx, runId, { state: 'queued', endedAtMs: null, trackingRunId });
    if (active.length === 0) await beginRun(room, tx, { ...run, trackingRunId });
  });
}

function refuse(run: RunRecord, wish: string): never {
  throw pipelinesErrors.PIP_RUN_STATE(`Run ${run.id} is ${run.state} and cannot be ${wish}.`, {
    data: { runId: run.id, state: run.state },
  });
}
