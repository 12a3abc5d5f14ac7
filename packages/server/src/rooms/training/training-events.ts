import { defineEvent } from '@fairlead/kernel';

export const modelTrained = defineEvent<{
  modelDigest: string;
  experiment: string;
  trackingRunId: string | null;
  trainer: string;
  metric: string;
  score: number;
  trials: number;
  trainedRows: number;
}>('training.model-trained', 'A model was chosen, fitted, packaged and found equal to its package');
