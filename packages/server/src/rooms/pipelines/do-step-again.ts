import { isFairleadError } from '@fairlead/kernel';
import type { RunningJob } from '../../platform/jobs/index.js';
import type { Surrounded } from './environments/rebuild-environment.js';
import { contextOf, executeStep } from './execute-step.js';
import type { Room } from './pipelines-deps.js';
import { pipelinesErrors } from './pipelines-errors.js';
import type { StepRecord } from './pipelines-store.js';
import type { ArtifactRef } from './pipelines-types.js';
import type { PreparedStep } from './prepare-step.js';
import type { Execution } from './step-execution.js';

type Refs = Readonly<Record<string, ArtifactRef>>;

/** What the record says, what came out now, and what the work itself found to be different. */
export interface Done {
  readonly before: Refs;
  readonly after: Refs;
  readonly failure: string | null;
  /** More telling than a changed machine. */
  readonly causes: readonly string[];
  readonly effects: readonly string[];
}

/**
 * Does the work of a step once more. A step that fails where it once succeeded is an answer, not an error.
 *
 * @throws PIP_STEP_NOT_REPEATABLE, faults of the system, and what aborted the job
 */
export async function doStepAgain(
  room: Room,
  { environment, step }: Surrounded,
  { recorded, ...given }: Execution & { recorded: StepRecord },
): Promise<Done> {
  const none = { before: recorded.outputs, after: {}, causes: [], effects: [] };
  if (step === null) {
    const failure = `environment: ${environment.detail}`;
    return { ...none, failure, causes: [failure] };
  }
  const execution: Execution = { ...given, job: limited(given.job, step) };
  try {
    const done = await work(room, step, { execution, recorded });
    execution.job.signal.throwIfAborted();
    return { ...done, failure: null, effects: [] };
  } catch (error) {
    given.job.signal.throwIfAborted();
    const failure = failureOf(error, execution);
    return { ...none, failure, effects: [failure] };
  }
}

/** The time limit of the step holds for its repetition, too; installing packages has one of its own. */
function limited(job: RunningJob, { spec: { timeoutMs } }: PreparedStep): RunningJob {
  return timeoutMs === undefined
    ? job
    : { ...job, signal: AbortSignal.any([job.signal, AbortSignal.timeout(timeoutMs)]) };
}

async function work(
  room: Room,
  step: PreparedStep,
  { execution, recorded }: { execution: Execution; recorded: StepRecord },
): Promise<Omit<Done, 'failure' | 'effects'>> {
  const handler = 'uses' in step.spec ? room.handlers.get(step.spec.uses) : undefined;
  if (handler?.repeat === undefined) {
    // Its commit is left out: it would link the lineage of the record anew.
    const { outputs } = await executeStep(room, step, execution);
    return { before: recorded.outputs, after: outputs, causes: [] };
  }
  const { outputs, summary } = recorded;
  const answer = await handler.repeat(contextOf(room, step, execution), { outputs, summary });
  if ('cannot' in answer) throw notRepeatable(step.run.id, step.name, `step ${step.name} ${answer.cannot}`);
  return { before: answer.before, after: answer.after, causes: answer.changed };
}

export function notRepeatable(runId: string, step: string | null, why: string): Error {
  const sentence = `${why[0]?.toUpperCase()}${why.slice(1)}.`;
  return pipelinesErrors.PIP_STEP_NOT_REPEATABLE(sentence, { data: { runId, step } });
}

function failureOf(error: unknown, { job }: Execution): string {
  if (job.signal.aborted) return 'the step took longer than its time limit';
  const tells = isFairleadError(error) && (error.fault === 'user' || /^(OBJ_|PIP_COMMAND_KILLED)/.test(error.code));
  if (!tells || error.code === 'PIP_STEP_NOT_REPEATABLE') throw error;
  return `the step failed: ${error.code}: ${error.message}`;
}
