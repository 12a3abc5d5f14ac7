export { verifyAuditAt } from './audit-service.js';
export { createGovernance } from './create-governance.js';
export { governanceErrors } from './governance-errors.js';
export { reportStored } from './governance-events.js';
export { governanceRoutes } from './governance-routes.js';
export type * from './governance-types.js';
