import type { ChangeContext } from '../../platform/db/index.js';
import type { Json } from '../pipelines/index.js';

export type ActionSpec =
  /** A POST by Standard Webhooks, signed with the secret in the environment variable `secretEnv`. */
  | { readonly kind: 'notify'; readonly url: string; readonly secretEnv?: string }
  /** Runs the pipeline. The result is only ever a candidate: gates and signatures stand between it and production. */
  | { readonly kind: 'retrain'; readonly pipeline: string; readonly params?: Readonly<Record<string, Json>> }
  | { readonly kind: 'roll-back'; readonly endpoint: string };

export interface RuleSpec {
  /** Event type, for example `monitoring.alert-opened`. */
  readonly on: string;
  /** Dotted path of the event (`payload.kind`, `subject.id`) → the value it must have. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  readonly actions: readonly ActionSpec[];
  /** Shortest time between two of the rule's actions on the same target; 0: none. */
  readonly coolDownMs: number;
  /** Most actions of the rule on the same target within any 24 hours. */
  readonly maxPerDay: number;
  /** Says what it would do and does nothing. */
  readonly dryRun: boolean;
  readonly enabled: boolean;
}

export interface Rule {
  readonly name: string;
  readonly spec: RuleSpec;
  /** Events before this moment do not trigger it: when it was enabled, or began to listen to this type of event. */
  readonly activeSinceMs: number;
  readonly updatedAtMs: number;
}

export type ActionState = 'running' | 'succeeded' | 'failed' | 'suppressed' | 'dry-run';

export interface ActionRun {
  readonly id: string;
  readonly rule: string;
  readonly action: ActionSpec;
  readonly state: ActionState;
  /** Why it was suppressed, what came out, or what went wrong. */
  readonly detail: string;
  readonly eventSeq: number;
  readonly eventType: string;
  /** The pipeline run, release … that it started. */
  readonly result: { readonly kind: string; readonly id: string } | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
}

export interface AutomationService {
  /** Throws AUTO_RULE_INVALID. */
  declare(context: ChangeContext, name: string, spec: RuleSpec): Promise<{ rule: Rule; changed: boolean }>;
  rules(): Promise<Rule[]>;
  /** Throws AUTO_RULE_NOT_FOUND. */
  rule(name: string): Promise<Rule>;
  /** Newest first. */
  runs(filter: { rule?: string; state?: ActionState; limit: number }): Promise<ActionRun[]>;
  /** Throws AUTO_ACTION_RUN_NOT_FOUND. */
  run(id: string): Promise<ActionRun>;
  /**
   * What the rule would have done when the event happened, without doing it; the rule counts as enabled and is no dry run.
   * Throws AUTO_RULE_NOT_FOUND, AUTO_EVENT_NOT_FOUND.
   */
  rehearse(name: string, eventSeq: number): Promise<readonly ActionRun[]>;
}
