import { defineEvent } from '@fairlead/kernel';
import type { ActionSpec, ActionState } from './automation-types.js';

export interface ActionPayload {
  readonly actionRunId: string;
  readonly rule: string;
  readonly action: ActionSpec['kind'];
  readonly target: string;
  readonly state: ActionState;
  readonly detail: string;
  /** The event that triggered the rule. */
  readonly eventSeq: number;
  readonly eventType: string;
}

export const ruleDeclared = defineEvent<{ rule: string; on: string; enabled: boolean; dryRun: boolean }>(
  'automation.rule-declared',
  'An automation rule was declared or changed',
);
export const actionDecided = defineEvent<ActionPayload>(
  'automation.action-decided',
  'A rule met an event and decided to act, to hold back, or to say what it would do',
);
export const actionFinished = defineEvent<ActionPayload & { result: { kind: string; id: string } | null }>(
  'automation.action-finished',
  'An action of a rule came to its end',
);
export const subscriptionChanged = defineEvent<{ id: string; name: string }>(
  'automation.subscription-changed',
  'A webhook subscription was made or changed',
);
export const subscriptionRemoved = defineEvent<{ id: string; name: string }>(
  'automation.subscription-removed',
  'A webhook subscription was removed',
);
