import type { RepeatedStep } from '../../pipelines/index.js';

/** From strongest to weakest; `different` names what differs first. */
export const LEVELS = ['same-bytes', 'same-predictions', 'same-metrics', 'different'] as const;
export type ReproductionLevel = (typeof LEVELS)[number];

export interface ComparedOutput {
  readonly name: string;
  readonly kind: string;
  readonly before: string;
  readonly after: string | null;
  readonly same: boolean;
  /** Of a model whose bytes differ: the largest difference of a probability on the rows it was trained on. */
  readonly maxAbsDifference: number | null;
}

export interface ComparedMetric {
  readonly key: string;
  readonly before: number;
  readonly after: number | null;
  readonly same: boolean;
}

export interface StepReproduction
  extends Pick<RepeatedStep, 'step' | 'originalRunId' | 'runId' | 'changed' | 'code' | 'environment'> {
  readonly level: ReproductionLevel;
  /** The first component that is not as it was: of what decides the result when known, else of the result. */
  readonly firstDifference: string | null;
  readonly outputs: readonly ComparedOutput[];
  readonly metrics: readonly ComparedMetric[];
}

/** The answer to `reproduce`: the weakest level of the steps that were done again. */
export interface Reproduction {
  readonly kind: 'fairlead.reproduction';
  readonly version: 1;
  readonly runId: string;
  readonly pipelineRunId: string;
  readonly pipeline: string;
  readonly level: ReproductionLevel;
  readonly tolerance: number;
  readonly steps: readonly StepReproduction[];
  /** Steps that were not done again, and why. */
  readonly skipped: readonly { readonly step: string; readonly why: string }[];
}
