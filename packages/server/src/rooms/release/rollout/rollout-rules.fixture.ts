import { type ArmLog, emptyLog } from './arm-log-rules.js';
import type { ArmCounts } from './rollout-types.js';

export const guardrails = { maxErrorRatio: 0.02, maxP99Ms: 100, maxNonFiniteRatio: 0 };

const healthy: ArmCounts = { requests: 60, errors: 1, refused: 0, nonFiniteOutputs: 0, p99Ms: 12 };
export const counts = (change: Partial<ArmCounts>): ArmCounts => ({ ...healthy, ...change });

/** A log of so many answers, of which so many were right. */
export const log = (trials: number, successes: number, change: Partial<ArmLog> = {}): ArmLog => ({
  ...emptyLog(),
  rows: trials,
  correct: { trials, successes },
  ...change,
});
