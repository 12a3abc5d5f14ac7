import { createServingStore } from '../serving-store.sql.js';
import { type BatchDeps, type BatchService, createBatchService } from './batch-service.js';

/** Scoring files, beside what answers requests: it shares the tables of serving and none of its memory. */
export function createBatches(deps: Omit<BatchDeps, 'store'>): BatchService {
  return createBatchService({ ...deps, store: createServingStore() });
}
