import type { EventConsumer } from '../../platform/db/index.js';
import { createAutomationConsumer } from './automation-consumer.js';
import type { AutomationDeps } from './automation-deps.js';
import { handleAutomationJobs } from './automation-jobs.js';
import { createAutomationService } from './automation-service.js';
import { sqlAutomationStore } from './automation-store.sql.js';
import type { AutomationService } from './automation-types.js';

export interface Automation {
  readonly service: AutomationService;
  /** The room's ear; `main` gives it to the event dispatcher. */
  readonly consumer: EventConsumer;
}

export function createAutomation(given: Omit<AutomationDeps, 'store'>): Automation {
  const deps: AutomationDeps = { ...given, store: sqlAutomationStore };
  handleAutomationJobs(deps);
  return { service: createAutomationService(deps), consumer: createAutomationConsumer(deps) };
}
