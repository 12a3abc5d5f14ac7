export type {
  ByteSource,
  CallOptions,
  Download,
  List,
  Page,
  WaitOptions,
} from './call-types.js';
export { createClient, type FairleadClient } from './create-client.js';
export type { ClientOptions } from './create-transport.js';
export { defineProject } from './define-project.js';
export { type ApiErrorFacts, FairleadApiError, isFairleadApiError } from './fairlead-api-error.js';
export { OPERATIONS, type Operation, type OperationId } from './operations.js';
export type { IssuedTokenView, NewPerson, PersonView, TokenView, WhoAmI } from './people-client.js';
export type { NewBatch } from './rooms/batches-client.js';
export type { IngestRequest, IngestResult, QuarantinedRowView } from './rooms/data-client.js';
export type { ByteRange, DownloadOptions } from './rooms/files-client.js';
export type { AuditCheckpoint, AuditFilter } from './rooms/governance-client.js';
export type { LoggedModelQuery } from './rooms/logged-models-client.js';
export type { RewardRow, TruthOutcome, TruthRow } from './rooms/monitoring-client.js';
export type { PredictRequest } from './rooms/serving-client.js';
export type { StreamDeclaration } from './rooms/streams-client.js';
export { sdkErrors } from './sdk-errors.js';
