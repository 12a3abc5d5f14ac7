import { defineEvent } from '@fairlead/kernel';
import type { RunStatus } from './tracking-types.js';

export const experimentCreated = defineEvent<{ name: string }>(
  'tracking.experiment-created',
  'An experiment was created',
);
export const runStarted = defineEvent<{ experiment: string; name: string; parentRunId: string | null }>(
  'tracking.run-started',
  'A run of an experiment was started',
);
export const runEnded = defineEvent<{ experimentId: string; status: Exclude<RunStatus, 'running'> }>(
  'tracking.run-ended',
  'A run came to its end',
);
export const artifactPut = defineEvent<{ runId: string; path: string; digest: string; sizeBytes: number }>(
  'tracking.artifact-put',
  'A file was attached to a run',
);
