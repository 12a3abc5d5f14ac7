import type { Clock } from '@fairlead/kernel';
import type { Db } from '../../../platform/db/index.js';
import type { JobQueue, Schedules } from '../../../platform/jobs/index.js';
import type { ObjectStore } from '../../../platform/objects/index.js';
import { sqlExperimentStore } from '../experiment-store.sql.js';
import { sqlRunStore } from '../run-store.sql.js';
import { createPurgeService } from './purge-service.js';
import { sqlPurgeStore } from './purge-store.sql.js';
import type { PurgeService, UsesOfOwners } from './purge-types.js';

export interface CreatePurgeDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly jobs: JobQueue;
  readonly schedules: Schedules;
  /** What other rooms still need. */
  readonly usesOf: UsesOfOwners;
}

/** Removing deleted runs, experiments and logged models for good. */
export function createPurge(deps: CreatePurgeDeps): PurgeService {
  return createPurgeService({
    ...deps,
    store: sqlPurgeStore,
    runStore: sqlRunStore,
    experimentStore: sqlExperimentStore,
  });
}
