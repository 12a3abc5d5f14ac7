import { createTrainingService, type TrainingDeps } from './training-service.js';
import type { TrainingService } from './training-types.js';

export type CreateTrainingDeps = TrainingDeps;

export function createTraining(deps: CreateTrainingDeps): TrainingService {
  return createTrainingService(deps);
}
