// What the command line does without a server, gathered here because only main knows the rooms.
export { type FileProfile, type FileVerdict, profileFile, validateFile } from '../rooms/data/index.js';
export {
  evaluatePredictions,
  type MetricValue,
  type PredictionsOptions,
  type PredictionsReport,
} from '../rooms/evaluation/index.js';
export { verifyAuditAt } from '../rooms/governance/index.js';
export { type BundleKind, type BundleResult, bundleModel } from '../rooms/registry/index.js';
