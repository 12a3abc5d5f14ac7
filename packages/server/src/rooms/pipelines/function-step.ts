import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalJson } from '@fairlead/kernel';
import { workerEntry } from '../../platform/compute/index.js';
import { closureOfModule } from './code-closure.js';
import { runSupervised } from './command-step.js';
import { type FunctionResult, parseFunctionResult } from './function-result-rules.js';
import type { FunctionOrder, FunctionReport } from './function-worker.js';
import type { Room } from './pipelines-deps.js';
import { pipelinesErrors } from './pipelines-errors.js';
import type { StepResult } from './pipelines-types.js';
import type { PreparedStep } from './prepare-step.js';
import { type Execution, folderName } from './step-execution.js';
import { collectOutputs, type InputFiles, type StepFolders, withStepFolders } from './step-files.js';

const SHOWN_STACK_LINES = 8;

/** Runs the function of a step in a process of its own. Throws PIP_CODE_MISSING, PIP_FUNCTION_FAILED, PIP_FUNCTION_RESULT. */
export function runFunctionStep(room: Room, step: PreparedStep, execution: Execution): Promise<StepResult> {
  const [module = '', exportName = ''] = ('function' in step.spec ? step.spec.function : '').split('#');
  return withStepFolders(room, folderName(execution), async (folders) => {
    // Also the check that the module lies inside the project.
    await closureOfModule(step.projectFolder, module);
    const paths = { order: join(folders.root, 'order.json'), report: join(folders.root, 'report.json') };
    const entry = fileURLToPath(workerEntry(import.meta.url, 'function-worker.js'));
    await runSupervised(room, step, {
      ...execution,
      folders,
      commandOf: async (files) => {
        const argument = argumentOf(room, step, { folders, files, runId: execution.trackingRunId });
        const order: FunctionOrder = { module: resolve(step.projectFolder, module), exportName, argument };
        await writeFile(paths.order, JSON.stringify(order));
        return [process.execPath, '--enable-source-maps', entry, paths.order, paths.report];
      },
    });
    const result = await readReport(paths.report, `${module}#${exportName}`);
    return keep(room, execution, { result, folders });
  });
}

/** What the function receives as its one argument. */
function argumentOf(
  room: Room,
  step: PreparedStep,
  { folders, files, runId }: { folders: StepFolders; files: Readonly<Record<string, InputFiles>>; runId: string },
) {
  const inputs = Object.entries(step.inputs).map(([name, ref]) => {
    const { '': path = null, ...parts } = files[name] ?? {};
    return [name, { ...ref, path, parts }] as const;
  });
  return {
    params: step.params,
    inputs: Object.fromEntries(inputs),
    seed: step.seed,
    outputDir: folders.outputs,
    runId,
    experiment: step.pipeline,
    step: step.name,
    trackingUri: room.trackingUri(),
  };
}

async function readReport(path: string, name: string): Promise<FunctionResult> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) throw pipelinesErrors.PIP_FUNCTION_FAILED(`${name} ended its process before it returned.`);
  const report = JSON.parse(text) as FunctionReport;
  if ('missing' in report) {
    throw pipelinesErrors.PIP_CODE_MISSING(`${name}: the module exports ${report.missing}, no such function.`);
  }
  if ('threw' in report) {
    const stack = report.threw.split('\n').slice(0, SHOWN_STACK_LINES).join('\n');
    throw pipelinesErrors.PIP_FUNCTION_FAILED(`${name} threw ${stack}`, { data: { function: name } });
  }
  const { result, problem } = parseFunctionResult(report.returned);
  if (problem === null) return result;
  throw pipelinesErrors.PIP_FUNCTION_RESULT(`${name} returned a result that cannot be used: ${problem}.`, {
    data: { function: name, problem },
  });
}

async function keep(
  room: Room,
  { context, trackingRunId }: Execution,
  { result, folders }: { result: FunctionResult; folders: StepFolders },
): Promise<StepResult> {
  const { files, values, metrics, summary } = result;
  const valueFiles = Object.keys(values).map((name) => [name, `${name}.json`] as const);
  for (const [name, file] of valueFiles) await writeFile(join(folders.outputs, file), canonicalJson(values[name]));
  const declared = { ...files, ...Object.fromEntries(valueFiles) };
  const outputs = await collectOutputs(room, { context, trackingRunId, folder: folders.outputs, declared });
  const timestampMs = room.clock.nowMs();
  const points = Object.entries(metrics).map(([key, value]) => ({ key, value, timestampMs, step: 0 }));
  if (points.length > 0) await room.tracking.logBatch(context, trackingRunId, { metrics: points });
  return { outputs, summary };
}
