export { configurationDigest } from './backends/configuration-digest.js';
export type { BackendRules, DeploymentConfiguration } from './backends/configuration-types.js';
export { batchRoutes } from './batch/batch-routes.js';
export type { Batch, BatchService } from './batch/batch-service.js';
export type { BatchRequest, BatchResult, BatchTarget, BatchWork } from './batch/batch-types.js';
export { createBatches } from './batch/create-batches.js';
export { captureFolder } from './capture/capture-folder.js';
export { type CreateServingDeps, createServing } from './create-serving.js';
export { type OipGrpcDeps, oipGrpcMethods } from './oip/grpc/oip-methods.js';
export { type CreateInferenceDeps, createInference, type Inference } from './processes/create-inference.js';
export type { Followers, LiveChange, LiveState, ProcessRequest, ServingLeader } from './processes/process-messages.js';
export { servingErrors } from './serving-errors.js';
export {
  batchScored,
  type DeploymentFact,
  deploymentFailed,
  deploymentReady,
  deploymentRetired,
  endpointDeclared,
  routingChanged,
  streamDeclared,
  streamRemoved,
} from './serving-events.js';
export { servingMigrations } from './serving-migrations.js';
export { inferenceRoutes, type ServingRoutesDeps, servingRoutes } from './serving-routes.js';
export { parseModelName } from './serving-rules.js';
export type * from './serving-types.js';
export { streamRoutes } from './stream/stream-routes.js';
export { streamSpec } from './stream/stream-rules.js';
export { createStreams, type StreamService } from './stream/stream-service.js';
export { servingStreamMigrations } from './stream/stream-store.sql.js';
export type { Stream, StreamGiven, StreamSpec } from './stream/stream-types.js';
