import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemActor, systemClock } from '@fairlead/kernel';
import { exportModel, fitLogisticRegression, fitPreprocessor } from '@fairlead/num';
import { afterAll, beforeAll } from 'vitest';
import type { ChangeContext, Db } from '../../platform/db/index.js';
import { openTestSqlite } from '../../platform/db/testing.js';
import { createInferenceHost, type InferenceHost, type InferenceHostOptions } from '../../platform/inference/index.js';
import { createLake } from '../../platform/lake/index.js';
import { createLocalObjectStore, type ObjectStore } from '../../platform/objects/index.js';
import { createMetrics, type Metrics } from '../../platform/telemetry/index.js';
import type { ModelVersion } from '../registry/index.js';
import { createTracking, type TrackingService, trackingMigrations } from '../tracking/index.js';
import type { ModelSignature } from '../training/index.js';
import type { BackendRules } from './backends/configuration-types.js';
import type { CaptureOptions } from './capture/capture-types.js';
import { createServing } from './create-serving.js';
import { servingMigrations } from './serving-migrations.js';
import type { Deployment, DeploymentAuthority, PredictRequest, ServingService } from './serving-types.js';

export const context: ChangeContext = { actor: { ...systemActor, id: 'ada' } };

export const signature: ModelSignature = {
  task: 'classification',
  inputs: [
    { name: 'wind', type: 'number', min: 0, max: 1, nullable: true },
    { name: 'holiday', type: 'boolean', nullable: false },
    { name: 'sky', type: 'string', categories: ['clear', 'grey'], nullable: false },
  ],
  target: 'rain',
  labels: ['no', 'yes'],
  contextColumns: ['date'],
};

/** A logistic regression: rain when the wind is above `threshold`. */
export function rainModel(threshold: number, labels: readonly string[] = signature.labels): Uint8Array {
  const rows = 40;
  const wind = Float64Array.from({ length: rows }, (_, i) => i / rows);
  const table = {
    rowCount: rows,
    columns: new Map([
      ['wind', { kind: 'float64' as const, values: wind }],
      ['holiday', { kind: 'boolean' as const, values: Uint8Array.from(wind, (_, i) => i % 2) }],
      [
        'sky',
        { kind: 'string' as const, codes: Int32Array.from(wind, (_, i) => i % 2), dictionary: ['clear', 'grey'] },
      ],
    ]),
  };
  const { preprocessor, training } = fitPreprocessor(table, {
    columns: [
      { name: 'wind', kind: 'numeric' },
      { name: 'holiday', kind: 'boolean' },
      { name: 'sky', kind: 'category' },
    ],
  });
  const target = Int32Array.from(wind, (value) => Number(value > threshold));
  const model = fitLogisticRegression(training, target);
  return exportModel({ preprocessor, model, classLabels: labels });
}

export function modelVersion(version: number, digest: string, change: Partial<ModelVersion> = {}): ModelVersion {
  return {
    model: 'rain-model',
    version,
    digest,
    files: [],
    signature,
    parity: { rows: 1, maxAbsDifference: 0, labelsEqual: true, tolerance: 1e-6, verdict: 'pass' },
    source: {
      pipelineRunId: null,
      trackingRunId: null,
      splitId: 's',
      datasetVersionId: 'd',
      trainPart: 'train',
      trainer: 'logistic-regression',
      params: {},
    },
    reportDigest: digest,
    profileDigest: digest,
    tags: {},
    createdAtMs: 0,
    createdBy: 'ada',
    ...change,
  };
}

/** What outlives a restart of the server in a test. */
export interface TestWorld {
  readonly home: string;
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly tracking: TrackingService;
  /** Digests that may serve outside `test`. */
  readonly approved: Set<string>;
  readonly errors: string[];
  /** Starts a server on the same state; the former one must be closed or counts as killed. */
  start(
    options?: Omit<CaptureOptions, 'folder'>,
    hosting?: Pick<InferenceHostOptions, 'hosting' | 'probeTimeoutMs'> & { readonly captureSample?: number },
    backendRules?: BackendRules,
  ): Promise<TestServing>;
  dispose(): Promise<void>;
}

export interface TestServing {
  readonly serving: ServingService;
  readonly host: InferenceHost;
  readonly metrics: Metrics;
  stop(): Promise<void>;
}

export async function openTestWorld(): Promise<TestWorld> {
  const home = mkdtempSync(join(tmpdir(), 'fairlead-serving-'));
  const test = await openTestSqlite([trackingMigrations, servingMigrations]);
  const objects = await createLocalObjectStore(join(home, 'objects'));
  const lake = await createLake({ tempFolder: join(home, 'temp'), allowedFolders: [home], threads: 1 });
  const tracking = createTracking({ db: test.db, objects, clock: systemClock, version: '0.0.0' });
  const approved = new Set<string>();
  const authority: DeploymentAuthority = {
    mayServe: async ({ environment, digest }) => environment === 'test' || approved.has(digest),
    needsApproval: async (environment) => environment !== 'test',
  };
  const errors: string[] = [];
  return {
    home,
    db: test.db,
    objects,
    tracking,
    approved,
    errors,
    start: async (capture = {}, hosting = {}, backendRules = { programs: false, servers: [] }) => {
      const { captureSample = 1, ...options } = hosting;
      const host = createInferenceHost({ workers: 1, useLoop: true, ...options });
      const metrics = createMetrics();
      const onError = (error: unknown, message: string) => errors.push(`${message}: ${String(error)}`);
      const parts = {
        db: test.db,
        objects,
        lake,
        host,
        authority,
        tracking,
        metrics,
        home,
        capture,
        onError,
        backendRules,
      };
      const serving = createServing({ ...parts, clock: systemClock, maxRows: 100, captureSample });
      await serving.restore();
      return {
        serving,
        host,
        metrics,
        stop: async () => {
          await serving.close();
          await host.close();
        },
      };
    },
    dispose: async () => {
      await lake.close();
      await test.dispose();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A world for all tests of a file: opened before them, put away after them. */
export function openServingFile(): { world: TestWorld } {
  // It stands here before the first test.
  const at = { world: undefined as unknown as TestWorld };
  beforeAll(async () => {
    at.world = await openTestWorld();
  });
  afterAll(() => at.world.dispose());
  return at;
}

export interface ServedModel {
  readonly bytes: Uint8Array;
  /** `rain` unless told. */
  readonly endpoint?: string;
  readonly version?: number;
  readonly signature?: ModelSignature | undefined;
}

/** Declares the endpoint, deploys the model to `test` and routes everything there to it. */
export async function serveInTest(
  { objects }: Pick<TestWorld, 'objects'>,
  serving: ServingService,
  { bytes, endpoint = 'rain', version = 1, signature: own }: ServedModel,
): Promise<Deployment> {
  const place = { endpoint, environment: 'test' };
  const { digest } = await objects.putBytes(bytes);
  await serving.declareEndpoint(context, { name: endpoint, model: 'rain-model' });
  const named = modelVersion(version, digest, own === undefined ? {} : { signature: own });
  const deployment = await serving.deploy(context, { ...place, version: named });
  await serving.route(context, { ...place, entries: [{ deploymentId: deployment.id, weight: 1 }], reason: 'test' });
  return deployment;
}

export const rainyDay = { wind: 0.95, holiday: false, sky: 'grey' };
export const dryDay = { wind: 0.05, holiday: true, sky: 'clear' };

let requests = 0;

/** A request for one endpoint; `change` replaces members. */
export function rowsRequest(rows: readonly unknown[], change: Partial<PredictRequest> = {}): PredictRequest {
  requests += 1;
  return {
    endpoint: 'rain',
    environment: 'test',
    requestId: `r${requests}`,
    consumer: 'tests',
    input: { kind: 'rows', rows: rows as Record<string, unknown>[] },
    ...change,
  };
}
