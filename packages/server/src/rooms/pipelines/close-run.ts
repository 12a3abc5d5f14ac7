import type { ChangeContext } from '../../platform/db/index.js';
import type { JobHandler } from '../../platform/jobs/index.js';
import type { EndStatus } from '../tracking/index.js';
import type { Room } from './pipelines-deps.js';
import type { PipelineRunState, StepState } from './pipelines-types.js';
import { endTrackingRun, ensureParentRun } from './step-tracking.js';

type Ended = EndStatus;

const OF_STEP: Partial<Record<StepState, Ended>> = { succeeded: 'finished', failed: 'failed', cancelled: 'killed' };
const OF_RUN: Partial<Record<PipelineRunState, Ended>> = {
  succeeded: 'finished',
  failed: 'failed',
  cancelled: 'killed',
};

/**
 * Ends the tracking runs of a finished pipeline run. A durable job of its own, because tracking writes in its own
 * transactions: whatever was killed between the end of the run and here is made good by the next try.
 */
export function createCloseHandler(room: Room): JobHandler {
  return async (job) => {
    const { runId } = job.payload as { runId: string };
    const run = await room.store.run(room.db, runId);
    const status = run === undefined ? undefined : OF_RUN[run.state];
    // No status: the run has been resumed meanwhile, and its next end brings the next job.
    if (run === undefined || status === undefined) return {};
    const context: ChangeContext = { actor: run.creator };
    for (const step of await room.store.steps(room.db, [runId])) {
      const ended = OF_STEP[step.state];
      if (step.trackingRunId === null || ended === undefined) continue;
      await endTrackingRun(room.tracking, context, { id: step.trackingRunId, status: ended });
    }
    // A run whose steps all came from the cache has none yet, and is still to be found in its experiment.
    await ensureParentRun(room, context, run);
    await endTrackingRun(room.tracking, context, { id: run.trackingRunId, status });
    return {};
  };
}
