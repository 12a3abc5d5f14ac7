import type { EventConsumer } from '../../platform/db/index.js';
import { createAutomationConsumer } from './automation-consumer.js';
import type { AutomationDeps } from './automation-deps.js';
import { handleAutomationJobs } from './automation-jobs.js';
import { createAutomationService } from './automation-service.js';
import { sqlAutomationStore } from './automation-store.sql.js';
import type { AutomationService } from './automation-types.js';
import { createNoticeConsumer, handleDeliveries } from './subscriptions/deliver-notices.js';
import { createSubscriptionService, type SubscriptionDeps } from './subscriptions/subscription-service.js';
import { sqlSubscriptionStore } from './subscriptions/subscription-store.sql.js';
import type { SubscriptionService } from './subscriptions/subscription-types.js';

export interface Automation {
  readonly service: AutomationService;
  /** Who wants to be told what happens to models. */
  readonly subscriptions: SubscriptionService;
  /** The room's ears; `main` gives them to the event dispatcher. */
  readonly consumers: readonly EventConsumer[];
}

export function createAutomation(
  given: Omit<AutomationDeps, 'store'> & Pick<SubscriptionDeps, 'writeNotice' | 'box'>,
): Automation {
  const deps: AutomationDeps = { ...given, store: sqlAutomationStore };
  handleAutomationJobs(deps);
  const telling: SubscriptionDeps = { ...given, subscriptions: sqlSubscriptionStore };
  handleDeliveries(telling);
  return {
    service: createAutomationService(deps),
    subscriptions: createSubscriptionService(telling),
    consumers: [createAutomationConsumer(deps), createNoticeConsumer(telling)],
  };
}
