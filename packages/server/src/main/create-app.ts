import {
  deploymentsRoutes,
  mlflowProtocol,
  mlflowRoutes,
  mlflowVersion,
  scoringRoutes,
} from '../faces/mlflow/index.js';
import { type App, createHttpServer } from '../platform/http/index.js';
import { addIdentityRoutes } from '../platform/identity/index.js';
import { automationRoutes } from '../rooms/automation/index.js';
import { dataRoutes } from '../rooms/data/index.js';
import { evaluationRoutes } from '../rooms/evaluation/index.js';
import { governanceRoutes, lineageRoutes, openLineageRoutes } from '../rooms/governance/index.js';
import { monitoringRoutes } from '../rooms/monitoring/index.js';
import { pipelinesRoutes } from '../rooms/pipelines/index.js';
import { modelImportRoutes, recordRoutes, registryRoutes } from '../rooms/registry/index.js';
import { releaseRoutes } from '../rooms/release/index.js';
import { batchRoutes, servingRoutes, streamRoutes } from '../rooms/serving/index.js';
import { purgeRoutes, trackingRoutes } from '../rooms/tracking/index.js';
import { reproductionRoutes } from '../rooms/training/index.js';
import type { Rooms } from './create-rooms.js';
import { homePageRoutes } from './home-page/home-page-routes.js';
import { errorPages } from './home-page/render-error-page.js';
import { jobRoutes } from './job-routes.js';
import type { Platform } from './open-platform.js';
import { projectRoutes } from './project/project-routes.js';
import type { ServingFleet } from './serving-fleet.js';
import { storageRoutes } from './storage/storage-routes.js';
import { fairleadVersion } from './version.js';

/** The HTTP application with the routes of every room, not yet listening. */
export async function createApp(
  platform: Platform,
  rooms: Rooms,
  status: { readonly isReady: () => boolean; readonly servingProcesses: ServingFleet['status'] },
): Promise<App> {
  const { config, logger, metrics, identity, idempotency, db, jobs, objects } = platform;
  const app = await createHttpServer({
    config,
    logger,
    metrics,
    identity,
    version: fairleadVersion,
    mlflowVersion,
    protocols: [mlflowProtocol],
    errorPages,
    readiness: async () => {
      const database = await db.nowMs().then(
        () => 'ok',
        () => 'unreachable',
      );
      const models = rooms.serving.ready() ? 'ok' : 'loading';
      const servingProcesses = status.servingProcesses();
      return {
        ready: status.isReady() && database === 'ok' && models === 'ok',
        // For people: with one of them missing the others answer.
        checks: { database, models, ...(servingProcesses !== undefined && { servingProcesses }) },
      };
    },
  });
  addIdentityRoutes(app, { identity, db });
  const groups = [
    dataRoutes({ data: rooms.data, jobs, db }),
    trackingRoutes({ tracking: rooms.tracking }),
    purgeRoutes({ purge: rooms.purge }),
    pipelinesRoutes({ pipelines: rooms.pipelines }),
    reproductionRoutes({ reproduction: rooms.reproduction }),
    evaluationRoutes({ evaluation: rooms.evaluation }),
    recordRoutes({ catalogue: rooms.catalogue }),
    registryRoutes({ registry: rooms.registry, objects }),
    modelImportRoutes({ imports: rooms.catalogue }),
    servingRoutes({
      serving: rooms.serving,
      registry: rooms.registry,
      version: fairleadVersion,
      bodyLimitBytes: config.bodyLimitBytes,
    }),
    batchRoutes({ batches: rooms.batches }),
    streamRoutes({ streams: rooms.streams }),
    monitoringRoutes({ monitoring: rooms.monitoring }),
    releaseRoutes({ release: rooms.release, serving: rooms.serving }),
    governanceRoutes({ governance: rooms.governance }),
    lineageRoutes({ lineage: rooms.lineage }),
    openLineageRoutes({ openLineage: rooms.openLineage }),
    automationRoutes({ automation: rooms.automation }),
    projectRoutes({ projects: rooms.projects }),
    jobRoutes({ jobs, db }),
    storageRoutes({ db, objects, clock: platform.clock }),
    homePageRoutes({ rooms }),
    mlflowRoutes({
      tracking: rooms.tracking,
      catalogue: rooms.catalogue,
      registry: rooms.registry,
      subscriptions: rooms.subscriptions,
      idempotency,
      ...(config.publicUrl !== undefined && { publicUrl: config.publicUrl }),
    }),
    scoringRoutes({ serving: rooms.serving, bodyLimitBytes: config.bodyLimitBytes }),
    deploymentsRoutes({ serving: rooms.serving }),
  ];
  for (const add of groups) await add(app);
  return app;
}
