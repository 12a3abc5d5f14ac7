import type { Clock } from '@fairlead/kernel';
import { workerEntry } from '../../platform/compute/index.js';
import type { Db } from '../../platform/db/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { TrackingService } from '../tracking/index.js';
import type { ModelScorer } from './model-scorer.js';
import { createTrainingService } from './training-service.js';
import type { TrainingService } from './training-types.js';

export interface CreateTrainingDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly tracking: TrackingService;
  readonly scorer: ModelScorer;
}

export function createTraining(deps: CreateTrainingDeps): TrainingService {
  return createTrainingService({ ...deps, workerEntry: workerEntry(import.meta.url, 'training-worker.js') });
}
