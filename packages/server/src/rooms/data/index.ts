export { type CreateDataDeps, createData } from './create-data.js';
export { dataErrors } from './data-errors.js';
export {
  datasetDeclared,
  deliveryRefused,
  deliveryUnchanged,
  splitCreated,
  versionCreated,
} from './data-events.js';
export { enqueueIngest, handleIngestJobs, INGEST_JOB } from './data-jobs.js';
export { dataMigrations } from './data-migrations.js';
export { type DataRoutesDeps, dataRoutes } from './data-routes.js';
export type * from './data-types.js';
export { checkExpression, type Expression, type Scope } from './expression-guard.js';
export type { ColumnGaps } from './gap-rules.js';
export {
  type FileProfile,
  type FileTable,
  type FileVerdict,
  type OpenedFile,
  profileFile,
  readDataFile,
  validateFile,
  withFile,
} from './one-shot.js';
export { REASON, type ReasonCode } from './reason-codes.js';
export { type StreamOptions, type StreamVerdict, streamFile } from './stream-file.js';
