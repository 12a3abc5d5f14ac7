export { artifactPathProblem, treeAddressOf, treeAddressProblem, treePathOf } from './artifact-path-rules.js';
export { readLockfiles } from './capture-environment.js';
export { type CreateTrackingDeps, createTracking } from './create-tracking.js';
export type * from './file-types.js';
export { type PointsDigest, pointsDigest } from './imports/points-digest-rules.js';
export { createLineageConsumer } from './lineage-consumer.js';
export { type CreatePurgeDeps, createPurge } from './purge/create-purge.js';
export { purgeRoutes } from './purge/purge-routes.js';
export { trackingErrors } from './tracking-errors.js';
export {
  artifactPut,
  experimentCreated,
  experimentDeleted,
  experimentRestored,
  experimentUpdated,
  runDeleted,
  runEnded,
  runLogged,
  runRestored,
  runStarted,
  runUpdated,
} from './tracking-events.js';
export { trackingMigrations } from './tracking-migrations.js';
export { type TrackingRoutesDeps, trackingRoutes } from './tracking-routes.js';
export type * from './tracking-types.js';
