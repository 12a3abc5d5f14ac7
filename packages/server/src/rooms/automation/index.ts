export { automationErrors } from './automation-errors.js';
export { type ActionPayload, actionDecided, actionFinished, ruleDeclared } from './automation-events.js';
export { automationMigrations } from './automation-migrations.js';
export { automationRoutes } from './automation-routes.js';
export type * from './automation-types.js';
export { type Automation, createAutomation } from './create-automation.js';
