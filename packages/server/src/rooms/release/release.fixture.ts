import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromRows } from '@fairlead/frame';
import {
  type Actor,
  type Clock,
  fixedClock,
  type RecordedEvent,
  type Role,
  sleep,
  systemActor,
} from '@fairlead/kernel';
import { exportModel, fitLogisticRegression, fitPreprocessor } from '@fairlead/num';
import { loadConfig } from '../../platform/config/index.js';
import { type ChangeContext, type Db, readLedger } from '../../platform/db/index.js';
import { openTestSqlite } from '../../platform/db/testing.js';
import { type App, createHttpServer } from '../../platform/http/index.js';
import { createInferenceHost } from '../../platform/inference/index.js';
import { type JobQueue, jobMigrations } from '../../platform/jobs/index.js';
import { quickQueue } from '../../platform/jobs/testing.js';
import { createLake } from '../../platform/lake/index.js';
import { createLocalObjectStore, type ObjectStore } from '../../platform/objects/index.js';
import { createLogger, createMetrics } from '../../platform/telemetry/index.js';
import type { Delivery } from '../data/index.js';
import type { EvaluationReport } from '../evaluation/index.js';
import type { PredictionOutcome } from '../monitoring/index.js';
import type { ModelCard, ModelVersion } from '../registry/index.js';
import { createServing, type ServingService, servingMigrations, servingRoutes } from '../serving/index.js';
import { createTracking, trackingMigrations } from '../tracking/index.js';
import type { ModelSignature } from '../training/index.js';
import { createRelease, releaseMigrations } from './index.js';
import type { ReleaseDeps } from './release-deps.js';
import type { PolicyContent, Release, ReleasePolicy, ReleaseService } from './release-types.js';

/** A person with a token. */
export const as = (id: string, ...roles: Role[]): ChangeContext => ({
  actor: { kind: 'user', id, roles, authenticated: true } satisfies Actor,
});
const ann = as('ann', 'data-scientist');
export const quinn = as('quinn', 'qa');
export const paul = as('paul', 'product-owner');
const machine: ChangeContext = { actor: systemActor };

type Canary = Extract<ReleasePolicy['rollout'], { kind: 'canary' }>;

/** 20 %, then 50 %, then all; 10 requests at each step. */
export const canary = (change: Partial<Canary> = {}): Canary => ({
  kind: 'canary',
  steps: [
    { weight: 0.2, minRequests: 10 },
    { weight: 0.5, minRequests: 10 },
    { weight: 1, minRequests: 0 },
  ],
  guardrails: { maxErrorRatio: 0.1, maxP99Ms: 60_000, maxNonFiniteRatio: 0 },
  advance: 'auto',
  maxWaitMs: 60_000,
  onMaxWait: 'hold',
  ...change,
});

export const policy = (change: Partial<PolicyContent> = {}): PolicyContent => ({
  gates: [
    { kind: 'onnx-parity', maxAbsDifference: 1e-5 },
    { kind: 'load-trial', requests: 5, concurrency: 1, maxP99Ms: 60_000, maxMemoryGrowthMb: 100_000 },
  ],
  approval: {
    required: [
      { role: 'qa', count: 1 },
      { role: 'product-owner', count: 1 },
    ],
    excludeAuthor: true,
    expiresAfterHours: 24,
  },
  rollout: { kind: 'all-at-once' },
  ...change,
});

const signature: ModelSignature = {
  task: 'classification',
  inputs: [{ name: 'wind', type: 'number', min: 0, max: 1, nullable: true }],
  target: 'rain',
  labels: ['no', 'yes'],
  contextColumns: [],
};

/** Rain when the wind is above `threshold`; answers NaN where the wind is 3e38. */
function rainModel(threshold: number): Uint8Array {
  const wind = Float64Array.from({ length: 40 }, (_, i) => i / 40);
  const table = { rowCount: 40, columns: new Map([['wind', { kind: 'float64' as const, values: wind }]]) };
  const { preprocessor, training } = fitPreprocessor(table, { columns: [{ name: 'wind', kind: 'numeric' }] });
  const target = Int32Array.from(wind, (value) => Number(value > threshold));
  const model = fitLogisticRegression(training, target);
  return exportModel({ preprocessor, model, classLabels: signature.labels });
}

/** A server process: what dies with it and what it offers. */
export interface Running {
  readonly release: ReleaseService;
  readonly serving: ServingService;
  readonly jobs: JobQueue;
  /** Ends jobs and models, as a stopping server does. What was not stopped counts as killed. */
  stop(): Promise<void>;
}

export interface ReleaseBench {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly clock: Clock & { advance(byMs: number): void };
  /** Versions 1 to 6 of the model `rain`; version 6 has no parity with its trainer. */
  readonly versions: readonly ModelVersion[];
  start(change?: (deps: Omit<ReleaseDeps, 'store'>) => Omit<ReleaseDeps, 'store'>): Promise<Running>;
  events(type: string): Promise<RecordedEvent[]>;
  /** What came true of predictions, by their id; tests fill it. */
  readonly outcomes: Map<string, PredictionOutcome>;
  dispose(): Promise<void>;
}

/** Real database, objects, jobs, tracking and serving; the data, evaluation and registry rooms answer from memory. */
export async function openReleaseBench(): Promise<ReleaseBench> {
  const home = mkdtempSync(join(tmpdir(), 'fairlead-release-'));
  const rooms = [trackingMigrations, servingMigrations, releaseMigrations, jobMigrations];
  const { db, dispose } = await openTestSqlite(rooms);
  const objects = createLocalObjectStore(join(home, 'objects'));
  const lake = await createLake({ tempFolder: join(home, 'temp'), allowedFolders: [home], threads: 1 });
  const hand = fixedClock(1_700_000_000_000);
  // Goes on by itself, as ids and histories are ordered by time.
  const clock = {
    advance: hand.advance,
    nowMs: () => {
      hand.advance(1);
      return hand.nowMs();
    },
  };
  const tracking = createTracking({ db, objects, clock, version: '0.0.0' });
  const versions = await Promise.all([1, 2, 3, 4, 5, 6].map((number) => storeVersion(objects, number)));
  const rows = tableFromRows([{ wind: 0.1 }, { wind: 0.9 }], [{ name: 'wind', kind: 'float64' }]);
  const running = new Set<Running>();
  const outcomes = new Map<string, PredictionOutcome>();
  let processes = 0;
  const start: ReleaseBench['start'] = async (change = (deps) => deps) => {
    processes += 1;
    const host = createInferenceHost({ workers: 1 });
    const jobs = quickQueue(db, `process-${processes}`, { exclusive: true });
    const serving: ServingService = createServing({
      ...{ db, objects, lake, host, clock, metrics: createMetrics(), home, tracking },
      authority: {
        mayServe: (subject) => release.mayServe(subject),
        needsApproval: (environment) => release.needsApproval(environment),
      },
    });
    const registry = {
      version: async (_: string, number: string | number) => versions[Number(number) - 1] as ModelVersion,
      card: async (): Promise<ModelCard> => {
        const fields = [{ section: 'Considerations', name: 'Owner', value: null, source: 'missing' as const }];
        return { model: 'rain', version: 1, fields, completenessRatio: 0, markdown: '' };
      },
    };
    const http = await listen({ serving, registry });
    const release: ReleaseService = createRelease(
      change({
        ...{ db, clock, jobs, objects, tracking, serving },
        registry,
        evaluation: {
          report: async () => ({ splitId: 's', part: 'test' }) as EvaluationReport,
          score: () => Promise.reject(new Error('no gate of these tests compares models')),
          scoreNumbers: () => Promise.reject(new Error('no gate of these tests compares models')),
        },
        data: {
          versionById: async () => ({ files: [] }) as never,
          delivery: () => Promise.reject(new Error('no delivery')) as Promise<Delivery>,
          readPart: async () => rows,
        },
        monitoring: { outcomes: async () => outcomes },
        preciseNowMs: () => performance.now(),
        residentBytes: () => process.memoryUsage.rss(),
        address: () => http.url,
        lendToken: () => ({ token: 'lent', takeBack: () => undefined }),
        gateCommands: {},
      }),
    );
    await serving.restore();
    await release.restore();
    await jobs.start();
    const self: Running = {
      ...{ release, serving, jobs },
      stop: async () => {
        if (!running.delete(self)) return;
        await jobs.stop({ graceMs: 5_000 });
        await http.app.close();
        await serving.close();
        await host.close();
      },
    };
    running.add(self);
    return self;
  };
  return {
    ...{ db, objects, clock, versions, start, outcomes },
    events: async (type) =>
      (await readLedger(db, { afterSeq: 0, limit: 100_000 })).filter((event) => event.type === type),
    dispose: async () => {
      for (const one of [...running]) await one.stop();
      await lake.close();
      await dispose();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The serving routes on a free port: gates call the deployment in test as any program does. */
async function listen(rooms: Omit<Parameters<typeof servingRoutes>[0], 'version'>): Promise<{ app: App; url: string }> {
  const app = await createHttpServer({
    config: loadConfig({ flags: { port: 0 }, env: {}, cwd: '/' }),
    logger: createLogger({ logLevel: 'silent', logFormat: 'json' }),
    metrics: createMetrics(),
    identity: {
      identify: async () => ({ kind: 'service', id: 'gates', roles: ['data-scientist'], authenticated: true }),
    },
    version: '0.0.0',
    readiness: async () => ({ ready: true, checks: {} }),
  });
  await app.register(servingRoutes({ ...rooms, version: '0.0.0' }));
  return { app, url: await app.listen() };
}

async function storeVersion(objects: ObjectStore, version: number): Promise<ModelVersion> {
  const { digest } = await objects.putBytes(rainModel(version / 10));
  return {
    ...{ model: 'rain', version, digest, files: [], signature, reportDigest: digest, profileDigest: digest },
    parity: { rows: 1, maxAbsDifference: version === 6 ? 0.5 : 0, labelsEqual: true, tolerance: 1e-6, verdict: 'pass' },
    source: {
      ...{ pipelineRunId: null, trackingRunId: null, splitId: 's', datasetVersionId: 'd', trainPart: 'train' },
      ...{ trainer: 'logistic-regression', params: {} },
    },
    ...{ tags: {}, createdAtMs: 0, createdBy: 'mia' },
  };
}

const DECIDED = ['gates-failed', 'awaiting-approval', 'approved', 'failed', 'superseded'] as const;

/** Declares endpoint and policy. */
export async function declare({ serving, release }: Running, endpoint: string, content: PolicyContent): Promise<void> {
  await serving.declareEndpoint(machine, { name: endpoint, model: 'rain' });
  await release.declarePolicy(machine, endpoint, content);
}

let endpoints = 0;
/** A fresh endpoint with a policy. */
export async function freshEndpoint(running: Running, change: Partial<PolicyContent> = {}): Promise<string> {
  endpoints += 1;
  const name = `rain-${endpoints}`;
  await declare(running, name, policy(change));
  return name;
}

/** No look at the guardrails is made unless a test asks for one. */
export const unwatched = (deps: Omit<ReleaseDeps, 'store'>): Omit<ReleaseDeps, 'store'> => ({
  ...deps,
  advanceEveryMs: 3_600_000_000,
});

/** Ann asks for the version; gives the release once its gates are decided. */
export async function request({ release }: Running, endpoint: string, version: number): Promise<Release> {
  const { id } = await release.request(ann, { endpoint, version, reason: 'a better model' });
  return release.waitFor(id, DECIDED, { timeoutMs: 20_000 });
}

export async function approve(running: Running, endpoint: string, version: number): Promise<Release> {
  const { id } = await request(running, endpoint, version);
  await running.release.sign(quinn, id, { meaning: 'approved', role: 'qa', comment: '' });
  return running.release.sign(paul, id, { meaning: 'approved', role: 'product-owner', comment: '' });
}

/** The whole way of a version into production, as far as the rollout lets it go at once. */
export async function bringLive(running: Running, endpoint: string, version: number): Promise<Release> {
  const { id } = await approve(running, endpoint, version);
  return running.release.rollOut(machine, id);
}

let requests = 0;

/**
 * Sends requests, each under its own routing key; gives the versions that answered, 0 for a refusal. With a wind of 3e38 all
 * versions fail, so `targetVersion` says whose fault it is to be.
 */
export async function send(
  { serving }: Running,
  endpoint: string,
  count: number,
  row: Record<string, unknown> = { wind: 0.5 },
  targetVersion?: number,
) {
  const versions: number[] = [];
  for (let i = 0; i < count; i += 1) {
    requests += 1;
    const answered = serving.predict({
      ...{ endpoint, environment: 'production', requestId: `r${requests}`, consumer: 'tests' },
      ...(targetVersion !== undefined && { targetVersion }),
      input: { kind: 'rows', rows: [row] },
    });
    versions.push(
      await answered.then(
        ({ version }) => version,
        () => 0,
      ),
    );
  }
  return versions;
}

/** Version → weight of what production routes to now. */
export async function shares({ serving }: Running, endpoint: string): Promise<Record<number, number>> {
  const table = await serving.routing(endpoint, 'production');
  return Object.fromEntries((table?.entries ?? []).map(({ version, weight }) => [version, weight]));
}

/** Resolves when no job waits or runs but the watches of rollouts. */
export async function idle({ jobs }: Running): Promise<void> {
  for (;;) {
    const left = [...(await jobs.list({ state: 'queued' })), ...(await jobs.list({ state: 'running' }))];
    if (left.every((job) => job.kind === 'release.advance')) return;
    await sleep(20);
  }
}
