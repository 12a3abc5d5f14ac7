import type { FitFileOptions, FitFileResult } from '../rooms/training/index.js';
import { fitFile } from '../rooms/training/index.js';
import { fairleadVersion } from './version.js';

// What the command line does without a server, gathered here because only main knows the rooms.
export {
  type AddressMap,
  createAddressMap,
  type ExportCounts,
  type ExportOptions,
  type ExportSummary,
  exportMlruns,
  exportParquet,
  type FileOwner,
  type ImportSource,
  type OpenSourceOptions,
  openMlflowSource,
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
} from '../faces/mlflow/index.js';
export { type FileProfile, type FileVerdict, profileFile, validateFile } from '../rooms/data/index.js';
export {
  evaluatePredictions,
  type MetricValue,
  type PredictionsOptions,
  type PredictionsReport,
} from '../rooms/evaluation/index.js';
export { verifyAuditAt } from '../rooms/governance/index.js';
export { type BundleKind, type BundleResult, bundleModel } from '../rooms/registry/index.js';

export { type ExperimentQuestion, type ExperimentSize, planExperiment } from '../rooms/release/index.js';

/** `fairlead fit` with the version of this server in the package. */
export function fitModelFile(options: FitFileOptions): Promise<FitFileResult> {
  return fitFile(options, fairleadVersion);
}
export { type PointsDigest, pointsDigest } from '../rooms/tracking/index.js';
export {
  inspectModel,
  type LocalModelFile,
  listModelFiles,
  type ModelInspection,
  type PredictFileOptions,
  type PredictFileResult,
  predictFile,
  withOneFile,
} from '../rooms/training/index.js';
export type { FitFileOptions, FitFileResult };
