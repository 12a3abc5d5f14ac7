import { sqlAuditStore } from './audit-store.sql.js';
import { createGovernanceService, type GovernanceDeps } from './governance-service.js';
import type { GovernanceService } from './governance-types.js';

/** The room keeps no tables of its own: it reads the ledger and every other room. */
export function createGovernance(deps: Omit<GovernanceDeps, 'store'>): GovernanceService {
  return createGovernanceService({ ...deps, store: sqlAuditStore });
}
