import type { Reader, Tx } from '../../platform/db/index.js';
import type { ActionHistory } from './automation-rules.js';
import type { ActionRun, ActionSpec, ActionState, Rule } from './automation-types.js';

export interface HistoryQuery {
  readonly rule: string;
  readonly action: ActionSpec;
  /** Whether the rule is a dry run: then its dry runs count, else what it really did. */
  readonly dryRun: boolean;
  readonly nowMs: number;
  /** Only what was set off by events before this one; absent: everything so far. */
  readonly beforeEventSeq?: number;
}

export interface NewActionRun extends ActionRun {
  /** Place of the action in its rule. */
  readonly index: number;
  readonly jobId: string | null;
}

export interface ActionEnd {
  readonly id: string;
  readonly state: 'succeeded' | 'failed' | 'suppressed';
  readonly detail: string;
  readonly result: ActionRun['result'];
  readonly endedAtMs: number;
}

/** Where rules and what they did live. */
export interface AutomationStore {
  rules(reader: Reader, filter?: { on: string }): Promise<Rule[]>;
  rule(reader: Reader, name: string): Promise<Rule | undefined>;
  saveRule(tx: Tx & Reader, rule: Rule): Promise<void>;
  history(reader: Reader, query: HistoryQuery): Promise<ActionHistory>;
  insertRun(tx: Tx & Reader, run: NewActionRun): Promise<void>;
  run(reader: Reader, id: string): Promise<ActionRun | undefined>;
  runOfJob(reader: Reader, jobId: string): Promise<ActionRun | undefined>;
  /** Newest first. */
  runs(reader: Reader, filter: { rule?: string; state?: ActionState; limit: number }): Promise<ActionRun[]>;
  /** Ends a running action. False when it had ended already. */
  endRun(tx: Tx & Reader, end: ActionEnd): Promise<boolean>;
}
