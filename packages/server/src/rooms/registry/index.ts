export { bundleModel } from './bundles/bundle-model.js';
export type { BundleKind, BundleRequest, BundleResult } from './bundles/bundle-types.js';
export { createRegistry } from './create-registry.js';
export { registryErrors } from './registry-errors.js';
export { aliasSet, cardEdited, versionRegistered, versionTagged } from './registry-events.js';
export { registryMigrations } from './registry-migrations.js';
export { registryRoutes } from './registry-routes.js';
export type * from './registry-types.js';
export { createRegisterStep } from './steps/register-step.js';
