import { defineEvent } from '@fairlead/kernel';

export const pipelineDeclared = defineEvent<{ pipeline: string; specDigest: string }>(
  'pipelines.pipeline-declared',
  'A pipeline was declared or changed',
);
export const runStarted = defineEvent<{ pipeline: string; runId: string; trigger: string }>(
  'pipelines.run-started',
  'A pipeline run was created',
);
export const runResumed = defineEvent<{ pipeline: string; runId: string; steps: string[] }>(
  'pipelines.run-resumed',
  'A failed or cancelled pipeline run was taken up again',
);
export const triggerSkipped = defineEvent<{
  pipeline: string;
  trigger: string;
  ref: string | null;
  reason: 'equal-run' | 'concurrency';
  activeRunId: string;
}>('pipelines.trigger-skipped', 'A trigger started no run because another one is active');
export const stepFinished = defineEvent<{
  pipeline: string;
  runId: string;
  step: string;
  state: 'succeeded' | 'cached' | 'failed' | 'skipped' | 'cancelled';
  errorCode: string | null;
}>('pipelines.step-finished', 'A step of a pipeline run came to its end');
export const runFinished = defineEvent<{
  pipeline: string;
  runId: string;
  state: 'succeeded' | 'failed' | 'cancelled';
}>('pipelines.run-finished', 'A pipeline run came to its end');
