import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Actor, systemActor, systemClock } from '@fairlead/kernel';
import { exportModel, fitLogisticRegression, fitPreprocessor } from '@fairlead/num';
import { loadConfig } from '../../../platform/config/index.js';
import { openTestSqlite } from '../../../platform/db/testing.js';
import { type App, createHttpServer } from '../../../platform/http/index.js';
import { createInferenceHost } from '../../../platform/inference/index.js';
import { createLake } from '../../../platform/lake/index.js';
import { createLocalObjectStore } from '../../../platform/objects/index.js';
import { createLogger, createMetrics } from '../../../platform/telemetry/index.js';
import type { ModelVersion } from '../../../rooms/registry/index.js';
import { createServing, servingMigrations } from '../../../rooms/serving/index.js';
import { createTracking, trackingMigrations } from '../../../rooms/tracking/index.js';
import { deploymentsRoutes } from '../deployments/deployments-routes.js';
import { mlflowProtocol } from '../mlflow-protocol.js';
import { scoringRoutes } from './scoring-routes.js';

const context = { actor: { ...systemActor, id: 'ada' } };
const caller: Actor = { kind: 'user', id: 'eve', roles: ['ml-engineer'], authenticated: true };

const signature: ModelVersion['signature'] = {
  task: 'classification',
  inputs: [
    { name: 'wind', type: 'number', min: 0, max: 1, nullable: true },
    { name: 'holiday', type: 'boolean', nullable: false },
    { name: 'sky', type: 'string', categories: ['clear', 'grey'], nullable: false },
  ],
  target: 'rain',
  labels: ['no', 'yes'],
  contextColumns: [],
};

/** Yes when the wind is above 0.3. */
function windModel(): Uint8Array {
  const wind = Float64Array.from({ length: 40 }, (_, i) => i / 40);
  const codes = Int32Array.from(wind, (_, i) => i % 2);
  const columns = new Map([
    ['wind', { kind: 'float64' as const, values: wind }],
    ['holiday', { kind: 'boolean' as const, values: Uint8Array.from(codes) }],
    ['sky', { kind: 'string' as const, codes, dictionary: ['clear', 'grey'] }],
  ]);
  const { preprocessor, training } = fitPreprocessor(
    { rowCount: wind.length, columns },
    {
      columns: [
        { name: 'wind', kind: 'numeric' },
        { name: 'holiday', kind: 'boolean' },
        { name: 'sky', kind: 'category' },
      ],
    },
  );
  const target = Int32Array.from(wind, (value) => Number(value > 0.3));
  return exportModel({ preprocessor, model: fitLogisticRegression(training, target), classLabels: signature.labels });
}

export interface ScoringServer {
  readonly app: App;
  dispose(): Promise<void>;
}

/** A server with nothing but the scoring routes, and the endpoint `rain` live in production. */
export async function openScoringServer(): Promise<ScoringServer> {
  const home = mkdtempSync(join(tmpdir(), 'fairlead-scoring-'));
  const { db, dispose } = await openTestSqlite([trackingMigrations, servingMigrations]);
  const objects = await createLocalObjectStore(join(home, 'objects'));
  const lake = await createLake({ tempFolder: join(home, 'temp'), allowedFolders: [home], threads: 1 });
  const host = createInferenceHost({ workers: 1 });
  const metrics = createMetrics();
  const tracking = createTracking({ db, objects, clock: systemClock, version: '0.0.0' });
  const authority = { mayServe: async () => true, needsApproval: async () => true };
  const serving = createServing({
    ...{ db, objects, lake, host, authority, tracking, metrics, home },
    clock: systemClock,
  });
  await serving.restore();
  const { digest } = await objects.putBytes(windModel());
  await serving.declareEndpoint(context, { name: 'rain', model: 'rain-model' });
  const place = { endpoint: 'rain', environment: 'production' };
  const { id } = await serving.deploy(context, { ...place, version: versionOf(digest) });
  await serving.route(context, { ...place, entries: [{ deploymentId: id, weight: 1 }], reason: 'fixture' });
  const app = await createHttpServer({
    config: loadConfig({ flags: { port: 0 }, env: {}, cwd: '/' }),
    logger: createLogger({ logLevel: 'silent', logFormat: 'json' }),
    metrics,
    identity: { identify: async () => caller },
    version: '1.2.3',
    readiness: async () => ({ ready: true, checks: {} }),
    protocols: [mlflowProtocol],
  });
  await app.register(deploymentsRoutes({ serving }));
  await app.register(scoringRoutes({ serving, bodyLimitBytes: 2 ** 20 }));
  await app.ready();
  return {
    app,
    dispose: async () => {
      await app.close();
      await serving.close();
      await host.close();
      await lake.close();
      await dispose();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function versionOf(digest: string): ModelVersion {
  return {
    ...{ model: 'rain-model', version: 1, digest, files: [], signature, tags: {}, createdAtMs: 0, createdBy: 'ada' },
    parity: { rows: 1, maxAbsDifference: 0, labelsEqual: true, tolerance: 1e-6, verdict: 'pass' },
    source: {
      ...{ pipelineRunId: null, trackingRunId: null, splitId: 's', datasetVersionId: 'd', trainPart: 'train' },
      ...{ trainer: 'logistic-regression', params: {} },
    },
    ...{ reportDigest: digest, profileDigest: digest },
  };
}
