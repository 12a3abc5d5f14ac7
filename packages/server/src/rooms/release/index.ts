export { createRelease } from './create-release.js';
export { readPolicyParts } from './read-policy.js';
export { releaseErrors } from './release-errors.js';
export {
  environmentDeclared,
  gatesDecided,
  gateWaived,
  policyDeclared,
  type ReleasePayload,
  releaseClosed,
  released,
  releaseRequested,
  releaseSigned,
  rolledBack,
  rolloutMoved,
  rolloutPaused,
  rolloutResumed,
  signatureRefused,
  waiverRefused,
} from './release-events.js';
export { releaseMigrations } from './release-migrations.js';
export { releaseRoutes } from './release-routes.js';
export type * from './release-types.js';
export { banditArms } from './rollout/arm-rules.js';
export { type ExperimentQuestion, type ExperimentSize, planExperiment } from './rollout/plan-experiment.js';
export { createRequestReleaseStep } from './steps/request-release-step.js';
