export { type CreateFairleadOptions, createFairlead, type Fairlead } from './main/create-fairlead.js';
export type { Reproduction, Rooms } from './main/create-rooms.js';
export { type OfflineIdentity, offlineIdentity } from './main/offline-identity.js';
export {
  type BundleKind,
  type BundleResult,
  bundleModel,
  evaluatePredictions,
  type FileProfile,
  type FileVerdict,
  type FitFileOptions,
  type FitFileResult,
  fitModelFile,
  inspectModel,
  type MetricValue,
  type ModelInspection,
  type PredictFileOptions,
  type PredictFileResult,
  type PredictionsOptions,
  type PredictionsReport,
  predictFile,
  profileFile,
  validateFile,
  verifyAuditAt,
} from './main/one-shot.js';
export { openApiDocument } from './main/open-api-document.js';
export { parseProject } from './main/project/parse-project.js';
export { type RunningServer, type StartOptions, startServer } from './main/start.js';
export { fairleadVersion } from './main/version.js';
export { type Config, loadConfig } from './platform/config/index.js';
