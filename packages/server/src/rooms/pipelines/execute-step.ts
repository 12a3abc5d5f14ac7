import { throwIfAborted } from '@fairlead/kernel';
import { runCommandStep, runSupervised } from './command-step.js';
import { runFunctionStep } from './function-step.js';
import type { Room } from './pipelines-deps.js';
import { pipelinesErrors } from './pipelines-errors.js';
import type { StepContext, StepResult } from './pipelines-types.js';
import type { PreparedStep } from './prepare-step.js';
import { type Execution, folderName } from './step-execution.js';
import { withStepFolders } from './step-files.js';

/** Does the work of a step, whatever its kind. Rejects with a coded error, or with whatever a built-in throws. */
export async function executeStep(room: Room, step: PreparedStep, execution: Execution): Promise<StepResult> {
  if ('run' in step.spec) return runCommandStep(room, step, execution);
  if ('function' in step.spec) return runFunctionStep(room, step, execution);
  const handler = room.handlers.get(step.spec.uses);
  if (handler === undefined) {
    throw pipelinesErrors.PIP_BUILT_IN_MISSING(`This server has no built-in step '${step.spec.uses}'.`, {
      data: { uses: step.spec.uses },
    });
  }
  // A handler that listens for the abort would never hear of one that came before it.
  throwIfAborted(execution.job.signal);
  return handler.run(contextOf(room, step, execution));
}

/** What a built-in step gets. */
export function contextOf(room: Room, step: PreparedStep, execution: Execution): StepContext {
  const { job, context, trackingRunId } = execution;
  return {
    context,
    pipeline: step.pipeline,
    pipelineRunId: step.run.id,
    step: step.name,
    params: step.params,
    inputs: step.inputs,
    seed: step.seed,
    projectFolder: step.projectFolder,
    trackingRunId,
    signal: job.signal,
    progress: job.progress,
    command: (argv, read) =>
      withStepFolders(room, folderName(execution), async (folders) => {
        await runSupervised(room, step, { ...execution, folders, commandOf: () => argv });
        return read(folders.outputs);
      }),
  };
}
