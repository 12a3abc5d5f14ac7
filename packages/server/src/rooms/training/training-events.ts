import { defineEvent } from '@fairlead/kernel';

export const modelTrained = defineEvent<{
  modelDigest: string;
  experiment: string;
  trackingRunId: string | null;
  trainer: string;
  metric: string | null;
  score: number | null;
  trials: number;
  trainedRows: number;
}>('training.model-trained', 'A model was chosen, fitted, packaged and found equal to its package');

export const runReproduced = defineEvent<{ pipelineRunId: string; level: string; steps: readonly string[] }>(
  'training.run-reproduced',
  'A run was done again from its record and compared',
);
