import type { Interval } from '@fairlead/kernel';
import type { Delivery } from '../../data/index.js';
import type { EvaluationReport } from '../../evaluation/index.js';
import type { ModelVersion } from '../../registry/index.js';

/** What our own load generator saw on the test deployment. */
export interface LoadTrial {
  readonly requests: number;
  readonly concurrency: number;
  readonly errors: number;
  readonly durationMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly memoryGrowthBytes: number;
}

/** Brier score of the live version minus that of the candidate on the same rows: above zero the candidate is better. */
export interface LiveComparison {
  readonly liveVersion: number;
  readonly rows: number;
  readonly brierGain: Interval;
}

/** Everything the gates judge on, gathered before any of them speaks. Absent facts make a gate `insufficient`. */
export interface GateFacts {
  readonly version: ModelVersion;
  /** Null: nobody has evaluated the version here. */
  readonly report: EvaluationReport | null;
  /** Deliveries behind the dataset version the model was trained on. */
  readonly deliveries: readonly Delivery[];
  /** Null: nothing serves in production yet. `unmeasured`: without an evaluation there are no rows to compare on. */
  readonly live: LiveComparison | 'unmeasured' | null;
  readonly load: LoadTrial | null;
}
