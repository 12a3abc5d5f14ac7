import type { Release } from '../release-types.js';
import type { ArmLog, ShadowComparison } from './arm-log-rules.js';
import type { ArmLogs } from './guardrail-rules.js';
import type { Guardrails } from './rollout-types.js';

/** Reads the prediction log of rollouts, each no more often than its size allows. */
export interface ArmLogReader {
  read(release: Release, options: ReadArmsOptions): Promise<BothLogs>;
}

export interface ReadArmsOptions {
  readonly stable: string;
  /** Further deployments that take part. */
  readonly others: readonly string[];
  readonly fromMs: number;
  readonly fairness: Guardrails['fairness'] | undefined;
  /** Somebody asked: what was read before is not good enough. */
  readonly fresh: boolean;
}

export interface BothLogs extends ArmLogs {
  readonly stable: ArmLog;
  /** Of the further deployments, by their id. */
  readonly others: ReadonlyMap<string, ArmLog>;
  readonly shadow: ShadowComparison;
}
