import { systemClock } from '@fairlead/kernel';
import { mlflowProtocol, mlflowVersion, scoringRoutes } from '../faces/mlflow/index.js';
import type { Config } from '../platform/config/index.js';
import { joinFleet } from '../platform/fleet/index.js';
import type { GrpcServer } from '../platform/grpc/index.js';
import { type App, createHttpServer } from '../platform/http/index.js';
import { type RecordDenial, type RememberedActors, recordDenials, rememberActors } from '../platform/identity/index.js';
import { createInferenceHost, type InferenceHost } from '../platform/inference/index.js';
import { createLocalObjectStore } from '../platform/objects/index.js';
import { createLogger, createMetrics, type Logger, type Metrics } from '../platform/telemetry/index.js';
import { captureFolder, createInference, type Inference, inferenceRoutes } from '../rooms/serving/index.js';
import { createInferenceServer } from './create-inference-server.js';
import { hostingOf } from './open-platform.js';
import type { ServingAddresses, ServingChange, ServingRequest, ServingState } from './serving-messages.js';
import { fairleadVersion } from './version.js';

// Entry of a serving process: inference and nothing else, by the word of the server that has started it.

type Ask = (request: ServingRequest) => Promise<unknown>;

interface Running {
  readonly config: Config;
  readonly host: InferenceHost;
  readonly inference: Inference;
  readonly actors: RememberedActors;
  readonly app: App;
  readonly grpc: GrpcServer | undefined;
  readonly telling: NodeJS.Timeout;
}

/** How old the counts of this process at most are in the metrics of the server. */
const METRICS_MS = 1_000;

async function setUp({ config: given, live }: ServingState, ask: Ask): Promise<Running> {
  const config = { ...given, port: given.servingPort ?? 0 };
  const logger = createLogger(config);
  const metrics = createMetrics();
  const onError = (error: unknown, message: string) => logger.error({ err: error }, message);
  // One thread beside the loop: there are as many processes as cores.
  const host = createInferenceHost({
    workers: 1,
    hosting: hostingOf(config),
    useLoop: config.modelPlacement === 'auto',
  });
  const inference = createInference({
    host,
    objects: createLocalObjectStore(config.home, { durability: config.durability }),
    backendRules: { programs: config.modelPrograms, servers: config.modelServers },
    clock: systemClock,
    metrics,
    capture: {
      folder: captureFolder(config.home),
      mode: config.captureMode,
      timeoutMs: config.captureTimeoutMs,
      compactAfterMs: config.captureCompactMs,
    },
    captureSample: config.captureSample,
    ask,
    onError,
  });
  const actors = rememberActors(
    (authorization) => ask({ type: 'identify', authorization }) as never,
    systemClock.nowMs,
  );
  const record = denialsTo(ask);
  const app = await createApp({ config, logger, metrics, inference, actors, record, ask });
  const grpc = createInferenceServer(
    { config, logger, identify: actors.identify, recordDenial: record },
    { serving: inference.service },
  );
  await inference.setUp(live);
  const telling = setInterval(() => {
    metrics
      .snapshot()
      .then((snapshot) => ask({ type: 'metrics', snapshot }))
      .catch((error) => onError(error, 'metrics could not be handed over'));
  }, METRICS_MS);
  return { config, host, inference, actors, app, grpc, telling };
}

const denialsTo =
  (ask: Ask): RecordDenial =>
  async (error, { actor, operation, requestId }) => {
    const { code, message, data } = error as { code: string; message: string; data: Record<string, unknown> };
    await ask({ type: 'denied', error: { code, message, data }, actor, operation, requestId });
  };

interface AppDeps extends Pick<Running, 'config' | 'inference' | 'actors'> {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly record: RecordDenial;
  readonly ask: Ask;
}

async function createApp({ config, logger, metrics, inference, actors, record, ask }: AppDeps): Promise<App> {
  const { service } = inference;
  const app = await createHttpServer({
    config,
    logger,
    // Of all processes: whoever scrapes this port meets any of them.
    metrics: { ...metrics, render: () => ask({ type: 'render-metrics' }) as Promise<string> },
    identity: actors,
    version: fairleadVersion,
    mlflowVersion,
    protocols: [mlflowProtocol],
    readiness: async () => ({ ready: service.ready(), checks: { models: service.ready() ? 'ok' : 'loading' } }),
  });
  recordDenials(app, record);
  const { bodyLimitBytes } = config;
  await inferenceRoutes({ serving: service, version: fairleadVersion, bodyLimitBytes })(app);
  await scoringRoutes({ serving: service, bodyLimitBytes })(app);
  return app;
}

joinFleet<ServingState>((askLeader) => {
  const ask: Ask = askLeader;
  let running: Running | undefined;
  const started = (): Running => {
    if (running === undefined) throw new Error('this serving process has not been set up');
    return running;
  };
  return {
    setUp: async (state) => {
      running = await setUp(state, ask);
    },
    apply: (change: ServingChange) => {
      const { actors, inference } = started();
      return change.type === 'forget-actors' ? actors.forget() : inference.apply(change);
    },
    listen: async (): Promise<ServingAddresses> => {
      const { app, grpc } = started();
      const serving = await app.listen();
      const address = await grpc?.listen();
      return { serving, ...(address !== undefined && { grpc: address }) };
    },
    stop: async (timeoutMs) => {
      const { app, grpc, inference, host, telling } = started();
      await Promise.all([app.drain(timeoutMs), grpc?.drain(timeoutMs)]);
      clearInterval(telling);
      await inference.stop();
      await host.close();
    },
  };
});
