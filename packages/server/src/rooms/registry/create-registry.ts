import { createRegistryService, type RegistryDeps } from './registry-service.js';
import { sqlRegistryStore } from './registry-store.sql.js';
import type { RegistryService } from './registry-types.js';

export function createRegistry(deps: Omit<RegistryDeps, 'store'>): RegistryService {
  return createRegistryService({ ...deps, store: sqlRegistryStore });
}
