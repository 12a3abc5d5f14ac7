export { automationErrors } from './automation-errors.js';
export {
  type ActionPayload,
  actionDecided,
  actionFinished,
  ruleDeclared,
  subscriptionChanged,
  subscriptionRemoved,
} from './automation-events.js';
export { automationMigrations } from './automation-migrations.js';
export { automationRoutes } from './automation-routes.js';
export type * from './automation-types.js';
export { type Automation, createAutomation } from './create-automation.js';
export type {
  Notice,
  Subscription,
  SubscriptionService,
  TestResult,
  Topic,
  WriteNotice,
} from './subscriptions/subscription-types.js';
