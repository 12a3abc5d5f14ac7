import type { Clock } from '@fairlead/kernel';
import type { Db, Reader } from '../../platform/db/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import { createArtifactService } from './artifact-service.js';
import { captureEnvironment } from './capture-environment.js';
import { activeExperiment, createExperimentService } from './experiment-service.js';
import { sqlExperimentStore } from './experiment-store.sql.js';
import { createFileTree } from './files/create-file-tree.js';
import { sqlFileOwners } from './files/file-owner.sql.js';
import { sqlFileStore } from './files/file-store.sql.js';
import { sqlUploadStore } from './files/upload-store.sql.js';
import { createImportService } from './imports/import-service.js';
import { createInputService } from './inputs/input-service.js';
import { sqlInputStore } from './inputs/input-store.sql.js';
import { createLineage } from './lineage-service.js';
import { sqlLineageStore } from './lineage-store.sql.js';
import { createMetricFeed } from './metric-feed.js';
import { createMetricService } from './metric-service.js';
import { sqlMetricStore } from './metric-store.sql.js';
import { requireModels } from './models/model-deps.js';
import { createModelService } from './models/model-service.js';
import { sqlModelStore } from './models/model-store.sql.js';
import { sqlPurgeStore } from './purge/purge-store.sql.js';
import { createRunService, lockRun } from './run-service.js';
import { sqlRunStore } from './run-store.sql.js';
import type { LineageNode, TrackingService } from './tracking-types.js';

export interface CreateTrackingDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  /** The version of Fairlead, recorded with every environment. */
  readonly version: string;
  /** Addresses below which experiments may keep their files, beside this server's own. None by default. */
  readonly artifactRoots?: readonly string[];
}

/** The tracking room on one database and one object store. */
export function createTracking({ db, objects, clock, version, artifactRoots }: CreateTrackingDeps): TrackingService {
  const deps = {
    db,
    objects,
    clock,
    artifactRoots: artifactRoots ?? [],
    experimentStore: sqlExperimentStore,
    runStore: sqlRunStore,
    metricStore: sqlMetricStore,
    modelStore: sqlModelStore,
    feed: createMetricFeed(),
    isPurged: async (reader: Reader, node: LineageNode) => (await sqlPurgeStore.purged(reader, [node])).length > 0,
  };
  const files = createFileTree({
    db,
    clock,
    objects,
    store: sqlFileStore,
    owners: sqlFileOwners,
    uploads: sqlUploadStore,
    parts: objects.parts,
  });
  const link: TrackingService['link'] = (tx, edges) => sqlLineageStore.insert(tx, edges, clock.nowMs());
  const activeRun = (tx: Reader, runId: string) => lockRun(sqlRunStore, tx, runId);
  const inputs = createInputService({
    db,
    store: sqlInputStore,
    activeRun,
    requireModels: (tx, ids) => requireModels(sqlModelStore, tx, ids),
    link,
  });
  return {
    ...createExperimentService(deps),
    ...createRunService(deps),
    ...createMetricService(deps),
    ...createArtifactService({ db, store: sqlRunStore, files }),
    files,
    inputs,
    imports: createImportService({ ...deps, inputs, files, link }),
    loggedModels: createModelService({
      db,
      clock,
      store: sqlModelStore,
      activeRun,
      activeExperiment: (tx, id) => activeExperiment(sqlExperimentStore, tx, id),
      link,
    }),
    captureEnvironment: (folder, seeds, command) =>
      captureEnvironment({ objects, version }, { folder, seeds, ...(command === undefined ? {} : { command }) }),
    purged: (nodes) => sqlPurgeStore.purged(db, nodes),
    ...createLineage({ db, clock, store: sqlLineageStore }),
  };
}
