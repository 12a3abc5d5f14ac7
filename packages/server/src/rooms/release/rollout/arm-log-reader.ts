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
  readonly fromMs: number;
  readonly fairness: Guardrails['fairness'] | undefined;
  /** Somebody asked: what was read before is not good enough. */
  readonly fresh: boolean;
}

export interface BothLogs extends ArmLogs {
  readonly stable: ArmLog;
  readonly shadow: ShadowComparison;
}
