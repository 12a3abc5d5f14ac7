import type { ChangeContext } from '../../platform/db/index.js';
import type { RunningJob } from '../../platform/jobs/index.js';

/** One attempt to do the work of a step. */
export interface Execution {
  readonly job: RunningJob;
  /** In whose name the step acts: who started the run. */
  readonly context: ChangeContext;
  readonly trackingRunId: string;
}

/** Names the attempt's folder by job and claim: a former claim that is still being wound down works elsewhere. */
export function folderName({ job }: Execution): string {
  return `${job.id}-${job.fence}`;
}
