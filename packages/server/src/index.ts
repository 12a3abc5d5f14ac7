export { type CreateFairleadOptions, createFairlead, type Fairlead } from './main/create-fairlead.js';
export type { Reproduction, Rooms } from './main/create-rooms.js';
export { type OfflineIdentity, offlineIdentity } from './main/offline-identity.js';
export {
  type AddressMap,
  type BundleKind,
  type BundleResult,
  bundleModel,
  createAddressMap,
  type ExportCounts,
  type ExportOptions,
  type ExportSummary,
  evaluatePredictions,
  exportMlruns,
  exportParquet,
  type FileOwner,
  type FileProfile,
  type FileVerdict,
  type FitFileOptions,
  type FitFileResult,
  fitModelFile,
  type ImportSource,
  inspectModel,
  type MetricValue,
  type ModelInspection,
  type OpenSourceOptions,
  openMlflowSource,
  type PointsDigest,
  type PredictFileOptions,
  type PredictFileResult,
  type PredictionsOptions,
  type PredictionsReport,
  pointsDigest,
  predictFile,
  profileFile,
  type SeriesPart,
  type SourceExperiment,
  type SourceFile,
  type SourceLinks,
  type SourceLoggedModel,
  type SourceModel,
  type SourcePoint,
  type SourceProblem,
  type SourceRun,
  type SourceVersion,
  splitExperimentTags,
  splitRunTags,
  validateFile,
  verifyAuditAt,
} from './main/one-shot.js';
export { openApiDocument } from './main/open-api-document.js';
export { parseProject } from './main/project/parse-project.js';
export { type RunningServer, type StartOptions, startServer } from './main/start.js';
export { fairleadVersion } from './main/version.js';
export { type Config, loadConfig } from './platform/config/index.js';
export { withScratchFolder } from './platform/scratch/index.js';
