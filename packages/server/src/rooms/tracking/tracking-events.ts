import { defineEvent } from '@fairlead/kernel';
import type { EndStatus } from './tracking-types.js';

export const experimentCreated = defineEvent<{ name: string }>(
  'tracking.experiment-created',
  'An experiment was created',
);
export const experimentUpdated = defineEvent<{ fields: readonly string[]; tags: readonly string[] }>(
  'tracking.experiment-updated',
  'Name, note or tags of an experiment were changed',
);
export const experimentDeleted = defineEvent<{ name: string }>(
  'tracking.experiment-deleted',
  'An experiment was deleted together with its runs; both can be brought back',
);
export const experimentRestored = defineEvent<{ name: string }>(
  'tracking.experiment-restored',
  'A deleted experiment was brought back with the runs that went with it',
);
export const runStarted = defineEvent<{
  experiment: string;
  name: string;
  parentRunId: string | null;
  params: readonly string[];
  tags: readonly string[];
}>('tracking.run-started', 'A run of an experiment was started');
export const runLogged = defineEvent<{ params: readonly string[]; tags: readonly string[] }>(
  'tracking.run-logged',
  'Parameters or tags were logged to a run; single metric points are no events',
);
export const runUpdated = defineEvent<{ fields: readonly string[]; tags: readonly string[] }>(
  'tracking.run-updated',
  'Name, status, end, group, note or tags of a run were changed',
);
export const runEnded = defineEvent<{ experimentId: string; status: EndStatus }>(
  'tracking.run-ended',
  'A run came to its end',
);
export const runDeleted = defineEvent<{ experimentId: string }>(
  'tracking.run-deleted',
  'A run was deleted; it can be brought back',
);
export const runRestored = defineEvent<{ experimentId: string }>(
  'tracking.run-restored',
  'A deleted run was brought back',
);
export const runPurged = defineEvent<{
  experimentId: string;
  points: number;
  files: number;
  sizeBytes: number;
  modelIds: readonly string[];
}>('tracking.run-purged', 'A deleted run was removed for good, with the logged models it had written');
export const loggedModelPurged = defineEvent<{ experimentId: string; files: number; sizeBytes: number }>(
  'tracking.logged-model-purged',
  'A logged model was removed for good',
);
export const experimentPurged = defineEvent<{ name: string }>(
  'tracking.experiment-purged',
  'A deleted experiment was removed for good',
);
export const purged = defineEvent<{
  runs: number;
  experiments: number;
  loggedModels: number;
  points: number;
  files: number;
  sizeBytes: number;
  keptCount: number;
}>('tracking.purged', 'A purge of deleted runs, experiments and logged models came to its end');
export const artifactPut = defineEvent<{ runId: string; path: string; digest: string; sizeBytes: number }>(
  'tracking.artifact-put',
  'A file was attached to a run',
);
export const filePut = defineEvent<{ path: string; digest: string; sizeBytes: number }>(
  'tracking.file-put',
  'A file that belongs to no run was written',
);
export const filesRemoved = defineEvent<{ path: string; files: number; sizeBytes: number }>(
  'tracking.files-removed',
  'A file, or a folder with everything in it, was removed',
);
export const modelCreated = defineEvent<{ experimentId: string; name: string; sourceRunId: string | null }>(
  'tracking.logged-model-created',
  'A model was logged, its files still to come',
);
export const modelUpdated = defineEvent<{ status: string }>(
  'tracking.logged-model-updated',
  'Status, tags or parameters of a logged model were changed',
);
export const modelDeleted = defineEvent<{ experimentId: string; name: string }>(
  'tracking.logged-model-deleted',
  'A logged model was deleted',
);
export const inputsLogged = defineEvent<{
  runId: string;
  datasets: readonly string[];
  modelIds: readonly string[];
}>('tracking.inputs-logged', 'A run said which datasets and logged models it read');
export const outputsLogged = defineEvent<{ runId: string; modelIds: readonly string[] }>(
  'tracking.outputs-logged',
  'A run said which logged models it made',
);
export const experimentImported = defineEvent<{ name: string }>(
  'tracking.experiment-imported',
  'An experiment was taken over from another tracking server',
);
export const runsImported = defineEvent<{ runIds: readonly string[] }>(
  'tracking.runs-imported',
  'Runs were taken over from another tracking server, with their ids and times',
);
export const loggedModelImported = defineEvent<{ experimentId: string; name: string; sourceRunId: string | null }>(
  'tracking.logged-model-imported',
  'A logged model was taken over from another tracking server',
);
export const importSettled = defineEvent<{ runIds: readonly string[]; modelIds: readonly string[] }>(
  'tracking.import-settled',
  'Runs and models that were deleted on the server they were taken over from were deleted here',
);
