import { workerEntry } from '../../platform/compute/index.js';
import { createEvaluationService, type EvaluationDeps } from './evaluation-service.js';
import type { EvaluationService } from './evaluation-types.js';

export type CreateEvaluationDeps = Omit<EvaluationDeps, 'workerEntry'>;

export function createEvaluation(deps: CreateEvaluationDeps): EvaluationService {
  return createEvaluationService({ ...deps, workerEntry: workerEntry(import.meta.url, 'evaluation-worker.js') });
}
