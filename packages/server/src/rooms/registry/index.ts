export { bundleModel } from './bundles/bundle-model.js';
export type { BundleKind, BundleRequest, BundleResult } from './bundles/bundle-types.js';
export type * from './catalogue/catalogue-types.js';
export type * from './catalogue/import-types.js';
export { recordRoutes } from './catalogue/record-routes.js';
export { createRegistry, type Registry } from './create-registry.js';
export { modelImportRoutes } from './import-routes.js';
export type { FileOwners, ModelFiles, ModelUse } from './registry-deps.js';
export { registryErrors } from './registry-errors.js';
export {
  aliasSet,
  cardEdited,
  modelChanged,
  modelCreated,
  modelDeleted,
  modelRenamed,
  stageSet,
  versionDeleted,
  versionDescribed,
  versionExamined,
  versionRegistered,
  versionTagged,
} from './registry-events.js';
export { registryMigrations } from './registry-migrations.js';
export { registryRoutes } from './registry-routes.js';
export type * from './registry-types.js';
export { createConvertStep } from './steps/convert-step.js';
export { createPackageStep } from './steps/package-step.js';
export { createRegisterStep } from './steps/register-step.js';
