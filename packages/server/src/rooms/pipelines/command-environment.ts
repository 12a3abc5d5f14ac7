import type { Room } from './pipelines-deps.js';
import type { ArtifactRef, Json } from './pipelines-types.js';
import type { PreparedStep } from './prepare-step.js';
import { variableName } from './spec-rules.js';
import type { InputFiles, StepFolders } from './step-files.js';

// Nothing else of the server's own environment reaches a command: it may hold credentials.
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'VIRTUAL_ENV', 'SYSTEMROOT'];

export interface EnvironmentRequest {
  readonly trackingRunId: string;
  readonly files: Readonly<Record<string, InputFiles>>;
  readonly folders: StepFolders;
  readonly token: string | undefined;
}

/** The variables of a command: where to log, where its inputs are, where outputs go, its parameters and seed. */
export function commandEnvironment(
  room: Room,
  step: PreparedStep,
  { trackingRunId, files, folders, token }: EnvironmentRequest,
): Record<string, string> {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const uri = room.trackingUri();
  return {
    ...Object.fromEntries(passedOn),
    ...step.env,
    FAIRLEAD_TRACKING_URI: uri,
    FAIRLEAD_RUN_ID: trackingRunId,
    FAIRLEAD_EXPERIMENT: step.pipeline,
    FAIRLEAD_OUTPUT_DIR: folders.outputs,
    FAIRLEAD_SEED: String(step.seed),
    // With these two an unchanged MLflow script logs into the run of its step.
    MLFLOW_TRACKING_URI: uri,
    MLFLOW_RUN_ID: trackingRunId,
    ...(token !== undefined && { FAIRLEAD_TOKEN: token, MLFLOW_TRACKING_TOKEN: token }),
    ...paramVariables(step.params),
    ...inputVariables(step.inputs, files),
  };
}

function paramVariables(params: Readonly<Record<string, Json>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      `FAIRLEAD_PARAM_${variableName(name)}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

function inputVariables(
  inputs: Readonly<Record<string, ArtifactRef>>,
  files: Readonly<Record<string, InputFiles>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, ref]) => {
      const variable = `FAIRLEAD_INPUT_${variableName(name)}`;
      const parts = Object.entries(files[name] ?? {});
      if (parts.length === 0) return [[variable, `${ref.kind}:${ref.id}`] as const];
      return parts.map(([part, path]) => [part === '' ? variable : `${variable}_${variableName(part)}`, path] as const);
    }),
  );
}
