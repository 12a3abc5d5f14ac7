import { createCatalogue } from './catalogue/catalogue-service.js';
import type { ModelCatalogue } from './catalogue/catalogue-types.js';
import { createModelImports } from './catalogue/import-model.js';
import type { ModelImports } from './catalogue/import-types.js';
import { handleExaminations } from './flavours/examine-job.js';
import type { RegistryDeps } from './registry-deps.js';
import { createRegistryService } from './registry-service.js';
import { sqlRegistryStore } from './registry-store.sql.js';
import type { RegistryService } from './registry-types.js';

export interface Registry {
  /** Packaged versions: what gates, serving and monitoring work with. */
  readonly service: RegistryService;
  /** Models and versions of every flavour. */
  readonly catalogue: ModelCatalogue & ModelImports;
}

export function createRegistry(given: Omit<RegistryDeps, 'store'>): Registry {
  const deps: RegistryDeps = { ...given, store: sqlRegistryStore };
  handleExaminations(deps);
  return { service: createRegistryService(deps), catalogue: { ...createCatalogue(deps), ...createModelImports(deps) } };
}
