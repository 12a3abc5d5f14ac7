/** Limits that hold in every state of a rollout, pauses included. Absent: not looked at. */
export interface Guardrails {
  /** Share of the candidate's requests that fail by a fault of the server or the model (5xx). */
  readonly maxErrorRatio: number;
  readonly maxP99Ms: number;
  readonly maxNonFiniteRatio: number;
  /** The others compare the candidate with the stable version over the same time. Error ratio, absolute difference. */
  readonly maxErrorIncrease?: number;
  /** Share of requests refused for their input (4xx), absolute difference: a schema that callers do not fit. */
  readonly maxRefusedIncrease?: number;
  /** p99 of the candidate over p99 of the stable version. */
  readonly maxP99Ratio?: number;
  /** Largest difference of the share of one label; of numbers: of the mean, in standard deviations of the stable version. */
  readonly maxPredictionShift?: number;
  /** Accuracy by ground truth, absolute. */
  readonly maxAccuracyDrop?: number;
  /** Mean reward, in its units. */
  readonly maxRewardDrop?: number;
  /** Among the candidate's own answers: how far the shares of `label` of two groups of `column` may lie apart. */
  readonly fairness?: { readonly column: string; readonly label: string; readonly maxDifference: number };
}

/** What ends a rollout that cannot be judged. */
export interface LongestWait {
  readonly maxWaitMs: number;
  readonly onMaxWait: 'hold' | 'rollback';
}

/** What is compared: the share of right labels, or the mean of posted rewards. */
export type ExperimentMetric = 'accuracy' | 'reward';

export interface CanarySpec extends LongestWait {
  readonly kind: 'canary';
  /** Weights in rising order, the last is 1. */
  readonly steps: readonly { readonly weight: number; readonly minRequests: number }[];
  readonly guardrails: Guardrails;
  /** `auto`: the next step follows when guardrails pass; `manual`: somebody advances. */
  readonly advance: 'auto' | 'manual';
}

/** All traffic at once, the former version kept loaded: released only after it held for a while. */
export interface BlueGreenSpec extends LongestWait {
  readonly kind: 'blue-green';
  readonly holdMs: number;
  readonly minRequests: number;
  readonly guardrails: Guardrails;
}

export interface ShadowSpec {
  readonly kind: 'shadow';
  readonly guardrails?: Guardrails;
}

/** A planned experiment: decided once, when both arms have the observations that the plan needs. */
export interface AbTestSpec extends LongestWait {
  readonly kind: 'ab-test';
  /** The candidate's share. */
  readonly weight: number;
  readonly metric: ExperimentMetric;
  /** Accuracy that is expected of the stable version; for the metric `accuracy`. */
  readonly baseline?: number;
  /** Standard deviation of one reward; for the metric `reward`. */
  readonly standardDeviation?: number;
  /** Smallest improvement that matters, above 0. */
  readonly effect: number;
  readonly alpha: number;
  readonly power: number;
  readonly onNoDifference: 'hold' | 'rollback' | 'promote';
  readonly guardrails: Guardrails;
}

/** A version by its number, or by an alias or `latest` as it points when the rollout starts. */
export type ArmRef = number | string;

/** Traffic follows the rewards. */
export interface BanditSpec extends LongestWait {
  readonly kind: 'bandit';
  /** Versions that take part beside the candidate and the live one; who starts the rollout may name others. */
  readonly arms?: readonly ArmRef[];
  readonly algorithm: 'thompson' | 'epsilon-greedy';
  /** Share of choices made without looking, for `epsilon-greedy`. */
  readonly epsilon: number;
  /** Least share of each version. */
  readonly floor: number;
  readonly metric: ExperimentMetric;
  /** How often the shares are drawn anew from the rewards that have arrived. */
  readonly redrawMs: number;
  /** Ends when one version is the best with this probability … */
  readonly endAt: number;
  /** … and each has so many rewards. */
  readonly minRewards: number;
  readonly guardrails: Guardrails;
}

export type RolloutSpec =
  | { readonly kind: 'all-at-once' }
  | CanarySpec
  | BlueGreenSpec
  | ShadowSpec
  | AbTestSpec
  | BanditSpec;

/** What serving counted of one version. */
export interface ArmCounts {
  /** Answered ones and those that failed (5xx). */
  readonly requests: number;
  readonly errors: number;
  /** Refused for their input (4xx); not among the requests. */
  readonly refused: number;
  readonly nonFiniteOutputs: number;
  /** NaN without a request. */
  readonly p99Ms: number;
}
