import type { Params, ParamValue } from '../trainers/param-types.js';

/** Only sampled when another parameter of the same space has one of these values. */
interface Conditional {
  readonly when?: { readonly param: string; readonly in: readonly ParamValue[] };
}

/** One dimension of a search. Bounds are inclusive; `step` counts from `low`; `log` needs low > 0 and no step. */
export type ParamSpace = Conditional &
  (
    | {
        readonly kind: 'float';
        readonly low: number;
        readonly high: number;
        readonly log?: boolean;
        readonly step?: number;
      }
    | {
        readonly kind: 'int';
        readonly low: number;
        readonly high: number;
        readonly log?: boolean;
        readonly step?: number;
      }
    | { readonly kind: 'categorical'; readonly choices: readonly ParamValue[] }
  );

/** Parameters by name. A parameter with `when` must name one that has no such condition on it in turn. */
export type SearchSpace = Readonly<Record<string, ParamSpace>>;

export type SamplerSpec =
  /** Every combination, parameters by name with the last varying fastest; needs categorical, stepped or small integer ones. */
  | { readonly kind: 'grid' }
  | { readonly kind: 'random' }
  /** Scrambled low-discrepancy points. */
  | { readonly kind: 'sobol' }
  /** Tree-structured Parzen estimator; defaults and rules as Optuna 5 (reference in tpe.ts). */
  | {
      readonly kind: 'tpe';
      readonly startupTrials?: number;
      readonly candidates?: number;
      readonly multivariate?: boolean;
    };

export type PrunerSpec =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'median';
      readonly startupTrials?: number;
      readonly warmupSteps?: number;
      readonly minTrials?: number;
    }
  | {
      readonly kind: 'percentile';
      readonly percentile: number;
      readonly startupTrials?: number;
      readonly warmupSteps?: number;
    }
  | { readonly kind: 'successive-halving'; readonly minResource?: number; readonly reductionFactor?: number }
  | {
      readonly kind: 'hyperband';
      readonly minResource?: number;
      readonly maxResource: number;
      readonly reductionFactor?: number;
    }
  | { readonly kind: 'patient'; readonly patience: number; readonly minDelta?: number };

export type Direction = 'minimise' | 'maximise';

/** Everything that decides what a study suggests, beside what its trials answer. Plain JSON. */
export interface StudySpec {
  readonly space: SearchSpace;
  /** One per objective. */
  readonly directions: readonly Direction[];
  readonly sampler: SamplerSpec;
  readonly pruner?: PrunerSpec;
  /** An integer in [0, 2³²). */
  readonly seed: number;
  /** Tried first, in this order: a warm start. Parameters that are left out are sampled. */
  readonly enqueued?: readonly Params[];
}

/** What happened in a study, in order: its whole state. Plain JSON, so that it can be stored, replayed and verified. */
export type StudyEvent =
  /** `seen` events of the log were known when the suggestion was made; with the study's spec they determine `params`. */
  | { readonly type: 'suggested'; readonly trial: number; readonly params: Params; readonly seen: number }
  /** Value of the first objective after `step` units of resource (folds, iterations), and what the pruner said. */
  | {
      readonly type: 'reported';
      readonly trial: number;
      readonly step: number;
      readonly value: number;
      readonly prune: boolean;
    }
  /** `constraints`: each ≤ 0 when it is kept. */
  | {
      readonly type: 'completed';
      readonly trial: number;
      readonly values: readonly number[];
      readonly constraints?: readonly number[];
    }
  | { readonly type: 'pruned'; readonly trial: number }
  | { readonly type: 'failed'; readonly trial: number; readonly reason: string };

export interface Suggestion {
  /** From 0. */
  readonly trial: number;
  readonly params: Params;
}

export interface FinishedTrial extends Suggestion {
  readonly values: readonly number[];
  /** False when a constraint is broken. */
  readonly feasible: boolean;
}

/** A search under way: asked for what to try, told what came of it. Many trials may be under way at once. */
export interface Study {
  readonly spec: StudySpec;
  readonly events: readonly StudyEvent[];
  /** The next trial, or null when the sampler has nothing left (a grid that is done). */
  ask(): Suggestion | null;
  /** Tells an intermediate value; true when the trial should be given up. */
  report(trial: number, step: number, value: number): boolean;
  tell(trial: number, outcome: { values: readonly number[]; constraints?: readonly number[] }): void;
  prune(trial: number): void;
  fail(trial: number, reason: string): void;
  /** The best feasible completed trial of a study with one objective; null when there is none. */
  best(): FinishedTrial | null;
  /** Completed feasible trials that no other beats in every objective, in order of trial. */
  paretoFront(): FinishedTrial[];
}

export type StudyVerdict =
  | { readonly verdict: 'pass'; readonly suggestions: number }
  | { readonly verdict: 'fail'; readonly trial: number; readonly logged: Params; readonly derived: Params };
