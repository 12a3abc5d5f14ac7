import type { Interval, Verdict } from '@fairlead/kernel';

/** Of a model of numbers: which error of a row is compared. */
export type RowLoss = 'squared' | 'absolute';

/** Limits on how far groups of people may lie apart. Differences are absolute, ratios the smaller over the larger, 0..1. */
export interface FairnessBounds {
  readonly maxSelectionDifference?: number;
  /** The "four fifths" rule is 0.8. */
  readonly minSelectionRatio?: number;
  /** Among those who are truly positive; among those who are not. */
  readonly maxTprDifference?: number;
  readonly minTprRatio?: number;
  readonly maxFprDifference?: number;
}

/** What a change of the inputs may do. */
export interface DisturbanceBounds {
  /** Share of predictions that become another label; of numbers: that move by more than a tenth of their standard deviation. */
  readonly maxChangedRatio?: number;
  /** Accuracy, absolute; of numbers: growth of the mean absolute error, as a share of it. */
  readonly maxLoss?: number;
}

/** From strongest to weakest. */
export type ReproducedLevel = 'same-bytes' | 'same-predictions' | 'same-metrics';

export interface LoadTrialSpec {
  readonly kind: 'load-trial';
  readonly requests: number;
  /** Connections: callers that wait for their answer, or with `ratePerSecond` the most that are under way at once. */
  readonly concurrency: number;
  /** Requests are due at this rate whatever the answers do, and a latency counts from when its request was due. */
  readonly ratePerSecond?: number;
  readonly maxP99Ms: number;
  readonly maxP95Ms?: number;
  readonly maxP50Ms?: number;
  /** Answers per second. */
  readonly minThroughput?: number;
  readonly maxMemoryGrowthMb: number;
}

export interface FairnessSpec extends FairnessBounds {
  readonly kind: 'fairness';
  /** Protected columns of the evaluation's rows; the model need not read them. */
  readonly columns: readonly string[];
  /** What counts as selected: a label, by default the last; of numbers those from `threshold` on. */
  readonly label?: string;
  readonly threshold?: number;
  /** Groups with fewer rows (of rates among positives: fewer positives) are not judged. Default 30. */
  readonly minGroupRows?: number;
}

export interface RobustnessSpec {
  readonly kind: 'robustness';
  /** Normal noise on every numeric input; `share` of its standard deviation. */
  readonly noise?: DisturbanceBounds & { readonly share: number };
  /** One input of every row left out. */
  readonly missing?: DisturbanceBounds;
  /** One input of every row far outside of what was seen. */
  readonly outOfRange?: DisturbanceBounds;
  /** Default 500. */
  readonly rows?: number;
  /** Default 0. */
  readonly seed?: number;
}

export type GateSpec =
  /** The dataset version behind the model was accepted under its contract. */
  | { readonly kind: 'contract' }
  /** Lower bound of the skill score over the strongest baseline lies above `margin`. */
  | { readonly kind: 'beats-baseline'; readonly margin: number }
  /** Not worse than the version that is live now on the same rows: Brier score, or the share of a loss of numbers. */
  | { readonly kind: 'not-worse-than-live'; readonly margin: number; readonly loss?: RowLoss }
  | { readonly kind: 'onnx-parity'; readonly maxAbsDifference: number }
  /** No slice of at least `minRows` rows is worse than all rows by more than the bound of the model's task. */
  | {
      readonly kind: 'slices';
      readonly maxExcessBrier?: number;
      /** Of numbers: RMSE of a slice over that of all rows. */
      readonly maxRmseRatio?: number;
      readonly minRows: number;
    }
  /** Probabilities mean what they say; numbers are right on average. */
  | {
      readonly kind: 'calibration';
      readonly maxEce?: number;
      /** Of numbers: mean error, absolute, in units of the target. */
      readonly maxBias?: number;
    }
  | LoadTrialSpec
  | FairnessSpec
  | RobustnessSpec
  /** The run that made the model was done again from its record and came out at least as equal as this. */
  | {
      readonly kind: 'reproduction';
      readonly level: ReproducedLevel;
      /** Longest wait for a repetition that the gate starts where there is no verdict; absent: it starts none. */
      readonly timeoutMs?: number;
    }
  /** The model card is filled to this share, and these fields (`Section/Name`) by people. */
  | { readonly kind: 'documentation'; readonly minCompleteness?: number; readonly fields?: readonly string[] }
  /** A command of the server's configuration (`gateCommands`), by its name there. */
  | { readonly kind: 'command'; readonly name: string; readonly timeoutMs?: number };

export type GateSpecOf<K extends GateSpec['kind']> = Extract<GateSpec, { kind: K }>;

export interface GateResult {
  readonly kind: GateSpec['kind'] | 'guardrail';
  /** Gate type with its version, for example `fairness@1`; absent of guardrails and of reports older than versions. */
  readonly type?: string;
  /** What the policy asks of it. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly title: string;
  readonly verdict: Verdict;
  readonly observed: string;
  readonly required: string;
  readonly interval?: Interval;
  readonly evidence: Readonly<Record<string, unknown>>;
}
