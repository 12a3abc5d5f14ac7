export { createPipelines, type PipelinesRoom } from './create-pipelines.js';
export type { CreatePipelinesDeps } from './pipelines-deps.js';
export { pipelinesErrors } from './pipelines-errors.js';
export {
  pipelineDeclared,
  runFinished,
  runResumed,
  runStarted,
  stepFinished,
  triggerSkipped,
} from './pipelines-events.js';
export { pipelinesMigrations } from './pipelines-migrations.js';
export { type PipelinesRoutesDeps, pipelinesRoutes } from './pipelines-routes.js';
export type * from './pipelines-types.js';
export { type ProcessOptions, type ProcessResult, runProcess } from './run-process.js';
