import type { Clock } from '@fairlead/kernel';
import type { Db } from '../../platform/db/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import { createArtifactService } from './artifact-service.js';
import { sqlArtifactStore } from './artifact-store.sql.js';
import { captureEnvironment } from './capture-environment.js';
import { sqlLineageStore } from './lineage-store.sql.js';
import { createRunService } from './tracking-service.js';
import { sqlTrackingStore } from './tracking-store.sql.js';
import type { TrackingService } from './tracking-types.js';
import { walkLineage } from './walk-lineage.js';

export interface CreateTrackingDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  /** The version of Fairlead, recorded with every environment. */
  readonly version: string;
}

/** The tracking room on one database and one object store. */
export function createTracking({ db, objects, clock, version }: CreateTrackingDeps): TrackingService {
  const deps = { db, objects, clock, store: sqlTrackingStore, artifacts: sqlArtifactStore };
  return {
    ...createRunService(deps),
    ...createArtifactService(deps),
    captureEnvironment: (folder, seeds, command) =>
      captureEnvironment({ objects, version }, { folder, seeds, ...(command === undefined ? {} : { command }) }),
    link: (tx, edges) => sqlLineageStore.insert(tx, edges, clock.nowMs()),
    lineage: (node, options) => walkLineage(node, (nodes, side) => sqlLineageStore.edgesAt(db, nodes, side), options),
  };
}
