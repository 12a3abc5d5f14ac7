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

/**
 * Parameters by name. Their order never matters: everything goes by name, so a store may sort the keys. Conditions may
 * form chains but no circle; a parameter whose condition is not met is absent from the suggestion.
 */
export type SearchSpace = Readonly<Record<string, ParamSpace>>;

export type SamplerSpec =
  /** Every combination, parameters by name with the last varying fastest; needs categorical, stepped or small integer ones. */
  | { readonly kind: 'grid' }
  | { readonly kind: 'random' }
  /** Owen-scrambled low-discrepancy points; point 0 is used, so 2^k trials are balanced. */
  | { readonly kind: 'sobol' }
  /** Tree-structured Parzen estimator; defaults and rules as Optuna 5 (reference in samplers/tpe.ts). */
  | {
      readonly kind: 'tpe';
      /** Finished trials before which sampling is random. Default 10. */
      readonly startupTrials?: number;
      /** Points drawn from the good trials' density per suggestion. Default 24. */
      readonly candidates?: number;
      /** One joint density per group of parameters that occur together. Default: true with one objective, else false. */
      readonly multivariate?: boolean;
      /** Running trials count as bad ones, so that parallel workers keep apart. Default true. */
      readonly constantLiar?: boolean;
    }
  /** Genetic search, for several objectives and many trials; defaults as Optuna 5 (samplers/nsga-ii.ts). */
  | {
      readonly kind: 'nsga-ii';
      /** Completed trials per generation, the first of which is random; from 2. Default 50. */
      readonly populationSize?: number;
      /** That a suggestion has two parents instead of one. Default 0.9. */
      readonly crossoverProb?: number;
      /** That a parameter gets a fresh value. Default: 1 / number of parameters. */
      readonly mutationProb?: number;
    };

interface PercentileOptions {
  /** Completed trials before which nothing is pruned. Default 5. */
  readonly startupTrials?: number;
  /** Steps below this are never pruned. Default 0. */
  readonly warmupSteps?: number;
  /** Pruning is considered once per so many steps. Default 1. */
  readonly intervalSteps?: number;
  /** Completed trials that must have reported at the step. Default 1. */
  readonly minTrials?: number;
}

/** When a trial is given up. Defaults and rules as Optuna 5; only values of the first objective are reported. */
export type PrunerSpec =
  | { readonly kind: 'none' }
  /** Worse than the median of completed trials at the same step. */
  | ({ readonly kind: 'median' } & PercentileOptions)
  /** Not among the best `percentile` per cent (0..100) of completed trials at the same step. */
  | ({ readonly kind: 'percentile'; readonly percentile: number } & PercentileOptions)
  /**
   * Asynchronous successive halving: at minResource · factor^(rate + rung) only the best 1/factor go on. `minResource`
   * unless told: a hundredth of the steps of the first trial that completes, at least 1.
   */
  | {
      readonly kind: 'successive-halving';
      readonly minResource?: number;
      /** Default 4. */
      readonly reductionFactor?: number;
      /** Default 0. */
      readonly minEarlyStoppingRate?: number;
    }
  /** Brackets of successive halving; a trial's bracket follows from the study's seed and its number. */
  | {
      readonly kind: 'hyperband';
      /** Default 1. */
      readonly minResource?: number;
      /** Default: the last step of the first trial that completes, plus 1. */
      readonly maxResource?: number;
      /** Default 3. */
      readonly reductionFactor?: number;
    }
  /** No better by more than `minDelta` (default 0) for `patience` steps; then `inner` decides, if there is one. */
  | { readonly kind: 'patient'; readonly patience: number; readonly minDelta?: number; readonly inner?: PrunerSpec };

/** When a study ends by itself; whichever comes first. `patience` and `target` need one objective. */
export interface StopSpec {
  /** Suggestions in all, the enqueued ones included. */
  readonly maxTrials?: number;
  /** Completed and pruned trials since the best one. */
  readonly patience?: number;
  /** Reached when the best feasible value is at least as good. */
  readonly target?: number;
}

export type StopReason = 'max-trials' | 'patience' | 'target' | 'exhausted';

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
  readonly stop?: StopSpec;
}

/** What happened in a study, in order: its whole state. Plain JSON, so that it can be stored, replayed and verified. */
export type StudyEvent =
  /**
   * The first `seen` events of the log were known when the suggestion was made; with the study's spec and the trial's
   * number they determine `params`. A worker that asked without knowing the newest events logs a smaller `seen`.
   */
  | { readonly type: 'suggested'; readonly trial: number; readonly params: Params; readonly seen: number }
  /**
   * Value of the first objective after `step` units of resource (folds, iterations; rising within a trial), and what the
   * pruner said, knowing all events before this one. `value` is null when it was not finite: JSON has no NaN.
   */
  | {
      readonly type: 'reported';
      readonly trial: number;
      readonly step: number;
      readonly value: number | null;
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

export type TrialState = 'running' | 'completed' | 'pruned' | 'failed';

/** What is known of one trial. */
export interface TrialRecord extends Suggestion {
  readonly state: TrialState;
  /** Empty unless completed. */
  readonly values: readonly number[];
  /** Sum of the constraints' positive parts; 0 when all are kept or none were told. */
  readonly violation: number;
  /** Intermediate values by rising step; NaN where the value was not finite. */
  readonly reports: readonly { readonly step: number; readonly value: number }[];
  /** Why it failed. */
  readonly reason?: string;
}

/** A search under way: asked for what to try, told what came of it. Many trials may be under way at once. */
export interface Study {
  readonly spec: StudySpec;
  /** Grows with every call below; store what was added after each. */
  readonly events: readonly StudyEvent[];
  /** The next trial, or null when the study has ended: see {@link Study.stopReason}. */
  ask(): Suggestion | null;
  /**
   * Tells an intermediate value; true when the trial should be given up (then call `prune`). Steps rise within a trial.
   */
  report(trial: number, step: number, value: number): boolean;
  /** Ends a trial. Values that are not finite are recorded as a failure that names them. */
  tell(trial: number, outcome: { values: readonly number[]; constraints?: readonly number[] }): void;
  prune(trial: number): void;
  fail(trial: number, reason: string): void;
  /** Why `ask` would answer null now; null while it would not. */
  stopReason(): StopReason | null;
  /** All trials by number. After a resume those still `running` are lost: run them again or `fail` them. */
  trials(): TrialRecord[];
  /** The best feasible completed trial of a study with one objective, the earlier of equals; null when there is none. */
  best(): FinishedTrial | null;
  /** Completed feasible trials that no other beats in every objective, in order of trial. */
  paretoFront(): FinishedTrial[];
}

/** Outcome of deriving a log anew. A fail names the first trial, by number, that differs. */
export type StudyVerdict =
  | { readonly verdict: 'pass'; readonly suggestions: number; readonly pruningDecisions: number }
  | {
      readonly verdict: 'fail';
      readonly trial: number;
      readonly what: 'suggestion';
      readonly logged: Params;
      readonly derived: Params | null;
    }
  | {
      readonly verdict: 'fail';
      readonly trial: number;
      readonly what: 'pruning';
      readonly step: number;
      readonly logged: boolean;
      readonly derived: boolean;
    }
  /** The log contradicts itself or its spec: `problem` says how. */
  | { readonly verdict: 'fail'; readonly trial: number; readonly what: 'log'; readonly problem: string };
