import type { Interval, Verdict } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';

export interface MonitorSpec {
  readonly endpoint: string;
  readonly environment?: string;
  /** The last so many captured rows are compared. */
  readonly windowRows: number;
  /** Below this the verdict is `insufficient`. */
  readonly minRows: number;
  /** `training`: all training rows. `same-season`: training rows of the same part of the year, so that winter is not drift. */
  readonly reference: 'training' | 'same-season';
  /** Check again after so many new rows; 0: only when asked or scheduled. */
  readonly everyRows: number;
  readonly drift: {
    readonly alpha: number;
    readonly minEffect: number;
    /** A drift alert that is not critical opens once `checks` of the last `of` checks found drift. Default 2 of 2. */
    readonly confirm?: { readonly checks: number; readonly of: number };
  };
  readonly performance?: { readonly metric: 'accuracy' | 'brier'; readonly worseBy: number };
  /** Limits of the service itself. Default: 0.05 of the requests failed (status 500 and above), p95 1000 ms. */
  readonly service?: { readonly maxErrorRatio?: number; readonly maxP95Ms?: number };
}

export interface Monitor {
  readonly name: string;
  readonly spec: MonitorSpec;
  readonly updatedAtMs: number;
}

export interface ColumnCheck {
  readonly column: string;
  readonly rows: number;
  readonly missing: number;
  readonly unseen: number;
  readonly outOfRange: number;
  readonly drift: {
    readonly test: string;
    readonly statistic: number;
    readonly pValue: number;
    readonly pValueAdjusted: number;
    readonly effect: number;
    readonly effectName: string;
    readonly verdict: 'drift' | 'no-drift' | 'insufficient';
    /** What moved, for people: "mean 14.2 → 21.9 (+1.6 sd)", "snow 1 % → 9 %". */
    readonly evidence: string;
    /** How many independent rows the window's rows of this column are worth; rows of a time series repeat each other. */
    readonly effectiveRows: number;
  };
}

export interface PerformanceWindow {
  readonly version: number;
  /** By the time the rows are about: their time column where the caller sent it, else the time of the request. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Predictions of the window; in the answer of `performance` all of them have truth. */
  readonly rows: number;
  readonly withTruth: number;
  readonly accuracy: Interval | null;
  readonly brier: number | null;
  readonly expectedAccuracy: number;
  readonly expectedBrier: number;
  readonly verdict: Verdict;
}

export interface MonitorReport {
  readonly id: string;
  readonly monitor: string;
  readonly endpoint: string;
  readonly environment: string;
  readonly version: number;
  /** Rows that were there, at most the monitor's `windowRows`. */
  readonly windowRows: number;
  readonly fromMs: number | null;
  readonly untilMs: number | null;
  readonly reference: string;
  readonly integrity: Verdict;
  /** Drift when any input column or the output has it, after the adjustment for how many were looked at. */
  readonly driftVerdict: 'drift' | 'no-drift' | 'insufficient';
  /** Inputs and output with drift, of so many that could be judged. */
  readonly drifted: { readonly columns: number; readonly judged: number };
  readonly columns: readonly ColumnCheck[];
  readonly output: ColumnCheck | null;
  readonly performance: PerformanceWindow | null;
  readonly service: {
    readonly requests: number;
    readonly errorRatio: number;
    readonly p50Ms: number;
    readonly p95Ms: number;
    readonly p99Ms: number;
  };
  readonly createdAtMs: number;
}

export interface TruthRow {
  /** The prediction's id. */
  readonly id: string;
  readonly label: string;
  /** When the truth became known; absent: now. */
  readonly observedAtMs?: number;
}

export type AlertState = 'open' | 'acknowledged' | 'resolved';
export type AlertKind = 'drift' | 'integrity' | 'performance' | 'errors' | 'latency';

export interface Alert {
  readonly id: string;
  readonly monitor: string;
  readonly endpoint: string;
  readonly kind: AlertKind;
  readonly severity: 'warning' | 'critical';
  readonly state: AlertState;
  readonly title: string;
  readonly evidence: string;
  readonly reportId: string;
  readonly openedAtMs: number;
  readonly updatedAtMs: number;
  readonly resolvedAtMs: number | null;
  readonly acknowledgedBy: string | null;
}

/** What a prediction was worth to the business: a sale, minutes saved, a complaint as −1. */
export interface RewardRow {
  /** The prediction's id. */
  readonly id: string;
  /** Finite, in the units of the project; more is better. */
  readonly value: number;
  /** When it became known; absent: now. */
  readonly observedAtMs?: number;
}

export type RewardOutcome = TruthOutcome;

/** What is known of a prediction after the fact. */
export interface PredictionOutcome {
  readonly label: string | null;
  readonly reward: number | null;
}

export interface TruthOutcome {
  /** New ids, matched or not. */
  readonly accepted: number;
  /** Ids whose label was replaced; the former label stays in the history. */
  readonly corrected: number;
  readonly unchanged: number;
  /** Ids of this call for which no prediction is known yet. */
  readonly unmatched: number;
}

/** A comparison of two tables without a server. */
export interface DriftReport {
  readonly verdict: 'drift' | 'no-drift' | 'insufficient';
  readonly drifted: { readonly columns: number; readonly judged: number };
  readonly referenceRows: number;
  readonly currentRows: number;
  readonly columns: readonly ColumnCheck[];
  /** Columns that were not compared and why. */
  readonly skipped: readonly { readonly column: string; readonly reason: string }[];
}

export interface MonitoringService {
  declare(context: ChangeContext, name: string, spec: MonitorSpec): Promise<{ monitor: Monitor; changed: boolean }>;
  list(): Promise<Monitor[]>;
  get(name: string): Promise<Monitor>;
  /** Checks the current window now, stores the report, opens, updates or resolves alerts, all in one transaction. */
  check(context: ChangeContext, name: string): Promise<MonitorReport>;
  report(id: string): Promise<MonitorReport>;
  reports(monitor: string, limit: number): Promise<MonitorReport[]>;
  /** Late, partial or corrected truth. Unknown ids are kept and counted: the prediction may still arrive. */
  postTruth(context: ChangeContext, endpoint: string, rows: readonly TruthRow[]): Promise<TruthOutcome>;
  /** Late, partial or corrected rewards; unknown ids are kept and counted. */
  postRewards(context: ChangeContext, endpoint: string, rows: readonly RewardRow[]): Promise<RewardOutcome>;
  /** Truth and reward by prediction id; ids of which nothing is known are left out. */
  outcomes(endpoint: string, ids: readonly string[]): Promise<ReadonlyMap<string, PredictionOutcome>>;
  /** Accuracy and Brier score over time, in windows of `rows` joined predictions. */
  performance(
    endpoint: string,
    options: { environment?: string; rows: number; version?: number },
  ): Promise<PerformanceWindow[]>;
  alerts(filter: { state?: AlertState; endpoint?: string; limit: number }): Promise<Alert[]>;
  alert(id: string): Promise<Alert>;
  acknowledge(context: ChangeContext, id: string): Promise<Alert>;
  /**
   * Serving says that it captured so many rows. Monitors whose `everyRows` is full get a check in the queue. Returns at
   * once; the counts live in this process, so a restart delays a check by at most `everyRows` rows.
   */
  noticeRows(endpoint: string, environment: string, rows: number): void;
  /** Reads which monitors to watch and sets the gauges; called once at start. */
  restore(): Promise<void>;
  /** Waits for checks that are being put into the queue. */
  close(): Promise<void>;
}
