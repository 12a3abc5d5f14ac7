import type { Reader } from '../../platform/db/index.js';
import type { Room } from './pipelines-deps.js';
import type { RunRecord, StepRecord } from './pipelines-store.js';
import type { PipelineRun, StepRun } from './pipelines-types.js';

/** Runs with their steps in the order of the graph, and how far running steps are. */
export async function withSteps(
  { store, queue, db }: Room,
  runs: readonly RunRecord[],
  reader: Reader = db,
): Promise<PipelineRun[]> {
  const steps = await store.steps(
    reader,
    runs.map((run) => run.id),
  );
  const progress = new Map<string, StepRun['progress']>();
  for (const { jobId, state } of steps) {
    if (state !== 'running' || jobId === null) continue;
    const job = await queue.get(jobId, reader);
    if (job !== undefined && job.progress.message !== '') progress.set(jobId, job.progress);
  }
  const orders = new Map<string, string[]>();
  for (const { specDigest } of runs) {
    if (!orders.has(specDigest)) orders.set(specDigest, Object.keys((await store.spec(reader, specDigest)).steps));
  }
  return runs.map((run) => {
    const order = orders.get(run.specDigest) ?? [];
    const own = steps.filter((step) => step.runId === run.id);
    own.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
    return toRun(
      run,
      own.map((step) => toStep(step, progress.get(step.jobId ?? '') ?? null)),
    );
  });
}

function toRun(run: RunRecord, steps: readonly StepRun[]): PipelineRun {
  const { id, pipeline, specDigest, state, params, trigger, createdAtMs, endedAtMs } = run;
  return { id, pipeline, specDigest, state, params, trigger, createdBy: run.creator.id, createdAtMs, endedAtMs, steps };
}

function toStep(
  { runId: _runId, jobId: _jobId, fence: _fence, ...step }: StepRecord,
  progress: StepRun['progress'],
): StepRun {
  return { ...step, progress };
}
