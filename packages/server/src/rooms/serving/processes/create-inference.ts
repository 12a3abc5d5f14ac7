import { type Clock, messageOf } from '@fairlead/kernel';
import type { InferenceHost } from '../../../platform/inference/index.js';
import type { ObjectStore } from '../../../platform/objects/index.js';
import type { Metrics } from '../../../platform/telemetry/index.js';
import type { BackendRules } from '../backends/configuration-types.js';
import type { CaptureOptions } from '../capture/capture-types.js';
import { createCaptureWriter } from '../capture/create-capture-writer.js';
import { forgetModel } from '../deployments/forget-model.js';
import { loadServable } from '../deployments/load-servable.js';
import { createPredictor } from '../predict/predict-service.js';
import { LiveTable } from '../routing/live-table.js';
import { createServingMetrics } from '../serving-metrics.js';
import type { InferenceService } from '../serving-types.js';
import type { LiveChange, LiveState, ModelToLoad, ProcessRequest } from './process-messages.js';
import { reportCounts } from './report-counts.js';

export interface CreateInferenceDeps {
  readonly host: InferenceHost;
  readonly objects: Pick<ObjectStore, 'localPath'>;
  readonly backendRules: BackendRules;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly capture: Omit<CaptureOptions, 'onDropped' | 'onError'>;
  readonly captureSample: number;
  /** Rows that one request may carry. Default 10 000. */
  readonly maxRows?: number;
  /** Asks the server. */
  readonly ask: (request: ProcessRequest) => Promise<unknown>;
  readonly onError: (error: unknown, message: string) => void;
}

/** Serving without a database: answers by what the server tells it, and hands over what it counted and captured. */
export interface Inference {
  readonly service: InferenceService;
  setUp(state: LiveState): Promise<void>;
  apply(change: LiveChange): unknown;
  /** After the last request. */
  stop(): Promise<void>;
}

const REPORT_MS = 100;

/** The serving room of a serving process; the same predictions by the same code. */
export function createInference(deps: CreateInferenceDeps): Inference {
  const { host, clock, captureSample, ask, onError } = deps;
  const live = new LiveTable();
  const metrics = createServingMetrics(deps.metrics);
  const counts = reportCounts(live, ask);
  const capture = createCaptureWriter({
    ...deps.capture,
    onOpened: async (segment) => void (await ask({ type: 'segment', state: 'opened', segment })),
    onSealed: (segment) => {
      ask({ type: 'segment', state: 'sealed', segment }).catch((error) =>
        onError(error, 'a segment was not handed over'),
      );
    },
    onDropped: (endpoint, rows) => metrics.captureDropped(endpoint, rows),
    onError,
  });
  const elapsedMs = () => performance.now();
  const predictor = createPredictor({
    ...{ live, metrics, clock, elapsedMs, captureSample, onError },
    maxRows: deps.maxRows ?? 10_000,
    capture,
    onCaptured: counts.answered,
  });
  const load = async ({ probed, ...stored }: ModelToLoad): Promise<void> => {
    const { id, digest } = stored.deployment;
    if (live.get(id) !== undefined) return;
    if (probed !== undefined) host.learn(digest, probed);
    live.add(await loadServable({ ...deps, elapsedMs }, stored));
  };
  const flush = async (): Promise<void> => {
    await Promise.all([counts.report(), capture.flush()]);
  };
  const report = (): void => {
    counts.report().catch((error) => onError(error, 'counts could not be handed over'));
  };
  let ready = false;
  let timer: NodeJS.Timeout | undefined;

  return {
    service: {
      predict: predictor.predict,
      live: (endpoint, environment, version) => live.live({ endpoint, environment }, version),
      liveEndpoints: () => live.summary(),
      ready: () => ready,
      repository: () => ask({ type: 'repository' }) as ReturnType<InferenceService['repository']>,
      inferenceStatistics: async () => {
        await counts.report();
        return ask({ type: 'statistics' }) as ReturnType<InferenceService['inferenceStatistics']>;
      },
      loadModel: async (place) => void (await ask({ type: 'loadModel', place })),
      unloadModel: async (actor, place) => void (await ask({ type: 'unloadModel', actor, place })),
    },
    setUp: async ({ endpoints, tables, models, failures, fullLogs }) => {
      for (const endpoint of fullLogs) capture.setFull(endpoint, true);
      for (const name of endpoints) live.addEndpoint(name);
      for (const [id, reason] of failures) live.fail(id, reason);
      for (const table of tables) live.swap(table);
      await Promise.all(
        models.map((model) =>
          load(model).catch((error) => {
            live.fail(model.deployment.id, messageOf(error));
            onError(error, `deployment ${model.deployment.id} could not be loaded`);
          }),
        ),
      );
      timer = setInterval(report, REPORT_MS);
      ready = true;
    },
    apply: (change) => {
      switch (change.type) {
        case 'endpoint':
          return live.addEndpoint(change.name);
        case 'load':
          return load(change.model);
        case 'unload':
          return forgetModel({ live, host }, change.deploymentId);
        case 'fail':
          return live.fail(change.deploymentId, change.reason);
        case 'table':
          // What was counted so far belongs to the former table and says so: nobody has to wait until it has arrived.
          report();
          return live.swap(change.table);
        case 'log-full':
          return capture.setFull(change.endpoint, change.isFull);
        case 'flush':
          return flush();
        case 'seal':
          return capture.seal();
      }
    },
    stop: async () => {
      ready = false;
      clearInterval(timer);
      await predictor.idle();
      await Promise.all([counts.report(), capture.close()]);
      await Promise.all(live.servables().map(({ backend }) => (backend.shared ? undefined : backend.close())));
    },
  };
}
