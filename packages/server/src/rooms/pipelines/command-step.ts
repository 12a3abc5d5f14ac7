import { join } from 'node:path';
import { commandEnvironment } from './command-environment.js';
import type { Room } from './pipelines-deps.js';
import { pipelinesErrors } from './pipelines-errors.js';
import type { StepResult } from './pipelines-types.js';
import type { PreparedStep } from './prepare-step.js';
import { type ProcessResult, runProcess } from './run-process.js';
import { type Execution, folderName } from './step-execution.js';
import { collectOutputs, type InputFiles, provideInputs, type StepFolders, withStepFolders } from './step-files.js';

const STOP_GRACE_MS = 5_000;
const LOG_PATH = 'logs/output.txt';

/** Runs the command of a step. Throws PIP_COMMAND_NOT_STARTED, PIP_COMMAND_FAILED, PIP_COMMAND_KILLED, PIP_OUTPUT_MISSING. */
export function runCommandStep(room: Room, step: PreparedStep, execution: Execution): Promise<StepResult> {
  return withStepFolders(room, folderName(execution), async (folders) => {
    const declared = ('run' in step.spec ? step.spec.outputs : undefined) ?? {};
    await runSupervised(room, step, { ...execution, folders, commandOf: () => step.argv });
    const outputs = await collectOutputs(room, { ...execution, folder: folders.outputs, declared });
    return { outputs, summary: { exitCode: 0, outputs: Object.keys(outputs) } };
  });
}

export interface SupervisedRun extends Execution {
  readonly folders: StepFolders;
  /** The command, once its inputs lie ready. */
  readonly commandOf: (files: Readonly<Record<string, InputFiles>>) => readonly string[] | Promise<readonly string[]>;
}

/** Runs a program with the step's environment, keeps its output as a file of the tracking run, and judges how it ended. */
export async function runSupervised(room: Room, step: PreparedStep, run: SupervisedRun): Promise<void> {
  const { folders, trackingRunId, job, context } = run;
  const files = await provideInputs(room, step.inputs, folders);
  const argv = await run.commandOf(files);
  const logPath = join(folders.root, 'output.txt');
  const lent = room.lendToken?.(step.pipeline);
  const result = await runProcess({
    argv,
    cwd: step.projectFolder,
    env: commandEnvironment(room, step, { trackingRunId, files, folders, token: lent?.token }),
    logPath,
    signal: job.signal,
    stopGraceMs: STOP_GRACE_MS,
  }).finally(() => lent?.takeBack());
  const { digest } = await room.objects.putFile(logPath, { move: true });
  await room.tracking.linkArtifact(context, trackingRunId, { path: LOG_PATH, digest });
  job.signal.throwIfAborted();
  judge(argv, step, result);
}

function judge(argv: readonly string[], { projectFolder }: PreparedStep, result: ProcessResult): void {
  const command = argv.join(' ').slice(0, 200);
  if ('notStarted' in result) {
    throw pipelinesErrors.PIP_COMMAND_NOT_STARTED(`"${command}" in ${projectFolder}: ${result.notStarted}.`, {
      data: { argv, folder: projectFolder },
    });
  }
  const tail = result.tail === '' ? ' It printed nothing.' : ` Last lines:\n${result.tail}`;
  if ('supervisorLost' in result || result.exitCode === null) {
    const signal = 'supervisorLost' in result ? 'SIGKILL' : result.signal;
    throw pipelinesErrors.PIP_COMMAND_KILLED(`"${command}" was ended by ${signal}.${tail}`, { data: { argv, signal } });
  }
  if (result.exitCode === 0) return;
  throw pipelinesErrors.PIP_COMMAND_FAILED(`"${command}" ended with exit code ${result.exitCode}.${tail}`, {
    data: { argv, exitCode: result.exitCode },
  });
}
