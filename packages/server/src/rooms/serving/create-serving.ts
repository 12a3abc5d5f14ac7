import { type Clock, canonicalJson, isName, messageOf } from '@fairlead/kernel';
import type { ChangeContext, Db } from '../../platform/db/index.js';
import type { InferenceHost } from '../../platform/inference/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { Metrics } from '../../platform/telemetry/index.js';
import type { TrackingService } from '../tracking/index.js';
import { configurationProblem, forbiddenBackend } from './backends/configuration-rules.js';
import type { BackendRules, DeploymentConfiguration } from './backends/configuration-types.js';
import { captureFolder } from './capture/capture-folder.js';
import type { CaptureLake, CaptureOptions } from './capture/capture-types.js';
import { createCaptureLog } from './capture/create-capture-log.js';
import { createOpenDeployment } from './deployments/deploy-openly.js';
import {
  createDeploymentService,
  ensureLoaded,
  failInterrupted,
  readStored,
} from './deployments/deployment-service.js';
import { createModelRepository } from './deployments/model-repository.js';
import { createPredictor } from './predict/predict-service.js';
import { answerProcesses } from './processes/answer-process.js';
import type { Followers, ServingLeader } from './processes/process-messages.js';
import { keepArms } from './routing/keep-arms.js';
import { LiveTable } from './routing/live-table.js';
import { createRoutingService } from './routing/routing-service.js';
import { createSerialQueue } from './serial-queue.js';
import type { ServingParts } from './serving-deps.js';
import { servingErrors } from './serving-errors.js';
import { endpointDeclared } from './serving-events.js';
import { createServingMetrics } from './serving-metrics.js';
import { createServingStore } from './serving-store.sql.js';
import type { DeploymentAuthority, Endpoint, ServingService } from './serving-types.js';

export interface CreateServingDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly lake: CaptureLake;
  /** Closed by its owner, after this room. */
  readonly host: InferenceHost;
  readonly authority: DeploymentAuthority;
  readonly tracking: Pick<TrackingService, 'link'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Open segments of the prediction log go to `capture/` in it. */
  readonly home: string;
  readonly capture?: Omit<CaptureOptions, 'folder' | 'onDropped' | 'onWaiting' | 'onFull' | 'onError'>;
  /** Default: nothing but model files. */
  readonly backendRules?: BackendRules;
  /** Share of the requests whose rows are captured, by their id; errors, overrides and what has a shadow always are. Default 1. */
  readonly captureSample?: number;
  /** Rows that one request may carry. Default 10 000. */
  readonly maxRows?: number;
  /** Serving processes; absent: this process alone answers. */
  readonly followers?: Followers;
  readonly onError?: (error: unknown, message: string) => void;
  /** Called after rows were answered and captured, copies to shadows left out; monitoring counts them. */
  readonly onCaptured?: (endpoint: string, environment: string, rows: number) => void;
}

/** The serving room. Call `restore` before the first request and `close` after the last. */
export function createServing(deps: CreateServingDeps): ServingService & ServingLeader {
  const { db, objects, lake, host, authority, tracking, clock, onError = () => undefined } = deps;
  const { followers = { tell: async () => undefined } } = deps;
  const store = createServingStore();
  const metrics = createServingMetrics(deps.metrics);
  const live = new LiveTable();
  const capture = createCaptureLog(
    { db, store, objects, lake },
    {
      ...deps.capture,
      folder: captureFolder(deps.home),
      onDropped: (endpoint, rows) => metrics.captureDropped(endpoint, rows),
      onWaiting: (endpoint, waiting) => metrics.captureWaiting(endpoint, waiting),
      onFull: (endpoint, isFull) => {
        followers
          .tell({ type: 'log-full', endpoint, isFull })
          .catch((error) =>
            onError(error, 'serving processes could not be told whether the prediction log takes rows'),
          );
      },
      onError,
    },
  );
  const parts: ServingParts = {
    db,
    store,
    objects,
    host,
    authority,
    tracking,
    clock,
    live,
    followers,
    capture,
    metrics,
    backendRules: deps.backendRules ?? { programs: false, servers: [] },
    maxRows: deps.maxRows ?? 10_000,
    captureSample: deps.captureSample ?? 1,
    elapsedMs: () => performance.now(),
    onError,
    onCaptured: deps.onCaptured ?? (() => undefined),
    inTurn: createSerialQueue(),
  };
  const predictor = createPredictor(parts);
  const arms = keepArms(parts);
  const repository = createModelRepository(parts);
  const deployments = createDeploymentService(parts);
  const routing = createRoutingService(parts);
  let ready = false;
  return {
    declareEndpoint: (context, endpoint) => parts.inTurn(() => declareEndpoint(parts, context, endpoint)),
    endpoints: () => store.listEndpoints(db),
    endpoint: (name) => readEndpoint(parts, name),
    ...deployments,
    ...routing,
    ...createOpenDeployment(parts, { ...deployments, ...routing }),
    ...repository,
    ...answerProcesses(parts, repository),
    predict: predictor.predict,
    live: (endpoint, environment, version) => live.live({ endpoint, environment }, version),
    liveEndpoints: () => live.summary(),
    ready: () => ready,
    captured: async (query) => {
      await followers.tell({ type: 'flush' });
      return capture.captured(query);
    },
    recentlyCaptured: async (endpoint, ids) => {
      await followers.tell({ type: 'flush' });
      return capture.recent(endpoint, ids);
    },
    statistics: async ({ endpoint, environment }) => {
      await followers.tell({ type: 'flush' });
      return live
        .servables()
        .filter(({ deployment }) => deployment.endpoint === endpoint && deployment.environment === environment)
        .map(({ deployment, counters }) => counters.read(deployment));
    },
    restore: async () => {
      await capture.recover();
      await restore(parts);
      await arms.resume();
      arms.start();
      ready = true;
    },
    flushCapture: async () => {
      await predictor.idle();
      await followers.tell({ type: 'seal' });
      await capture.flush();
    },
    close: async () => {
      ready = false;
      await predictor.idle();
      await arms.stop();
      await capture.close();
      // Models of the host are closed by its owner.
      await Promise.all(live.servables().map(({ backend }) => (backend.shared ? undefined : backend.close())));
    },
  };
}

async function readEndpoint({ db, store }: ServingParts, name: string): Promise<Endpoint> {
  const endpoint = await store.readEndpoint(db, name);
  if (endpoint !== undefined) return endpoint;
  throw servingErrors.SRV_ENDPOINT_NOT_FOUND(`There is no endpoint ${name}.`, { data: { endpoint: name } });
}

async function declareEndpoint(
  { db, store, clock, live, followers, backendRules }: ServingParts,
  context: ChangeContext,
  { name, model, description = '', ...wanted }: Parameters<ServingService['declareEndpoint']>[1],
): Promise<{ endpoint: Endpoint; changed: boolean }> {
  if (!isName(name)) throw servingErrors.SRV_NAME_INVALID(`An endpoint cannot be named ${name}.`, { data: { name } });
  const before = await store.readEndpoint(db, name);
  if (before !== undefined && before.model !== model) {
    throw servingErrors.SRV_ENDPOINT_MODEL(`Endpoint ${name} serves ${before.model}; it cannot change to ${model}.`, {
      data: { endpoint: name, expected: before.model, got: model },
    });
  }
  // Who does not speak of it leaves it as it is.
  const configuration: DeploymentConfiguration = wanted.configuration ?? before?.configuration ?? {};
  const odd = configurationProblem(configuration);
  if (odd !== null) throw servingErrors.SRV_CONFIGURATION_INVALID(`Endpoint ${name}: ${odd}.`);
  const problem = forbiddenBackend(configuration, backendRules);
  if (problem !== null) throw servingErrors.SRV_BACKEND_FORBIDDEN(`Endpoint ${name}: ${problem}.`);
  if (before?.description === description && canonicalJson(before.configuration) === canonicalJson(configuration)) {
    return { endpoint: before, changed: false };
  }
  const endpoint: Endpoint = {
    name,
    model,
    description,
    configuration,
    createdAtMs: before?.createdAtMs ?? clock.nowMs(),
  };
  await db.transact(context, async (tx) => {
    await store.saveEndpoint(tx, endpoint);
    tx.record(
      endpointDeclared.of({ kind: 'endpoint', id: name }, { endpoint: name, model }, { before, after: endpoint }),
    );
  });
  live.addEndpoint(name);
  await followers.tell({ type: 'endpoint', name });
  return { endpoint, changed: true };
}

/** Loads what the routing tables name. A model that does not load leaves its reason behind and the others in peace. */
async function restore(parts: ServingParts): Promise<void> {
  const { db, store, live, onError } = parts;
  await failInterrupted(parts);
  for (const { name } of await store.listEndpoints(db)) live.addEndpoint(name);
  const tables = await store.listRouting(db);
  for (const table of tables) live.swap(table);
  const ids = new Set(tables.flatMap(({ entries, shadows }) => [...entries.map((e) => e.deploymentId), ...shadows]));
  await Promise.all(
    [...ids].map((id) =>
      readStored(parts, id)
        .then((stored) => ensureLoaded(parts, stored))
        .catch((error) => {
          live.fail(id, messageOf(error));
          onError(error, `deployment ${id} could not be restored`);
        }),
    ),
  );
}
