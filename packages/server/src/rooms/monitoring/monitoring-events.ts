import { defineEvent } from '@fairlead/kernel';
import type { AlertKind } from './monitoring-types.js';

export interface AlertPayload {
  readonly alertId: string;
  readonly monitor: string;
  readonly endpoint: string;
  readonly kind: AlertKind;
  readonly severity: 'warning' | 'critical';
  readonly title: string;
  readonly evidence: string;
  readonly reportId: string;
}
export const alertOpened = defineEvent<AlertPayload>(
  'monitoring.alert-opened',
  'A monitor found something that needs attention',
);
export const alertEscalated = defineEvent<AlertPayload>(
  'monitoring.alert-escalated',
  'An open alert went from warning to critical',
);
export const alertResolved = defineEvent<AlertPayload>('monitoring.alert-resolved', 'What had been found is gone');
export const alertAcknowledged = defineEvent<{ alertId: string }>(
  'monitoring.alert-acknowledged',
  'Somebody has taken an alert',
);
export const monitorDeclared = defineEvent<{ monitor: string }>(
  'monitoring.monitor-declared',
  'A monitor was declared or changed',
);
export const rewardsPosted = defineEvent<{ endpoint: string; accepted: number; corrected: number }>(
  'monitoring.rewards-posted',
  'What predictions of an endpoint were worth became known',
);
export const truthPosted = defineEvent<{ endpoint: string; accepted: number; corrected: number }>(
  'monitoring.truth-posted',
  'Ground truth arrived for predictions of an endpoint',
);
