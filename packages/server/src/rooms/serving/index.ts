export { configurationDigest } from './backends/configuration-digest.js';
export type { BackendRules, DeploymentConfiguration } from './backends/configuration-types.js';
export { type CreateServingDeps, createServing } from './create-serving.js';
export { type OipGrpcDeps, oipGrpcMethods } from './oip/grpc/oip-methods.js';
export { servingErrors } from './serving-errors.js';
export {
  type DeploymentFact,
  deploymentFailed,
  deploymentReady,
  deploymentRetired,
  endpointDeclared,
  routingChanged,
} from './serving-events.js';
export { servingMigrations } from './serving-migrations.js';
export { type ServingRoutesDeps, servingRoutes } from './serving-routes.js';
export { parseModelName } from './serving-rules.js';
export type * from './serving-types.js';
