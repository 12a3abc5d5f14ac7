export { type CreateMonitoringDeps, createMonitoring } from './create-monitoring.js';
export { type DriftReportOptions, driftReport } from './drift/drift-report.js';
export { monitoringErrors } from './monitoring-errors.js';
export {
  type AlertPayload,
  alertAcknowledged,
  alertEscalated,
  alertOpened,
  alertResolved,
  monitorDeclared,
  rewardsPosted,
  truthPosted,
} from './monitoring-events.js';
export { monitoringMigrations } from './monitoring-migrations.js';
export { monitoringRoutes } from './monitoring-routes.js';
export type * from './monitoring-types.js';
