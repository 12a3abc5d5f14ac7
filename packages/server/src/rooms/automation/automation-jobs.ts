import { isFairleadError, messageOf } from '@fairlead/kernel';
import type { JobOutcome, RunningJob } from '../../platform/jobs/index.js';
import { finishAction } from './action-record.js';
import { ACT_ATTEMPTS, ACT_JOB, type AutomationDeps } from './automation-deps.js';
import { loadEvent } from './automation-service.js';
import type { ActionEnd } from './automation-store.js';
import type { ActionRun } from './automation-types.js';
import { performAction } from './perform-action.js';

/** Says who carries actions out in this process. */
export function handleAutomationJobs(deps: AutomationDeps): void {
  deps.jobs.handle(ACT_JOB, (job) => act(deps, job));
}

async function act(deps: AutomationDeps, job: RunningJob): Promise<JobOutcome> {
  const { db, store } = deps;
  const { actionRunId } = job.payload as { actionRunId: string };
  const run = await store.run(db, actionRunId);
  if (run?.state !== 'running') return {};
  try {
    const event = await loadEvent(db, run.eventSeq);
    return end(deps, run, await performAction(deps, { run, event, signal: job.signal }));
  } catch (error) {
    const final = job.attempt >= ACT_ATTEMPTS || (isFairleadError(error) && error.fault === 'user');
    if (job.signal.aborted || !final) throw error;
    return end(deps, run, { state: 'failed', detail: describe(error), result: null });
  }
}

function end({ store, clock }: AutomationDeps, run: ActionRun, ended: Omit<ActionEnd, 'id' | 'endedAtMs'>): JobOutcome {
  return {
    result: { state: ended.state, detail: ended.detail },
    commit: (tx) => finishAction(tx, store, { run, end: { ...ended, endedAtMs: clock.nowMs() } }),
  };
}

function describe(error: unknown): string {
  return isFairleadError(error) ? `${error.code}: ${error.message} ${error.remedy}` : messageOf(error);
}
