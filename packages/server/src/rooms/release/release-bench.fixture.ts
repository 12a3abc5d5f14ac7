import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Table, tableFromRows } from '@fairlead/frame';
import { type Clock, fixedClock, type RecordedEvent, systemActor } from '@fairlead/kernel';
import { exportModel, fitLogisticRegression, fitPreprocessor } from '@fairlead/num';
import { loadConfig } from '../../platform/config/index.js';
import { type Db, readLedger } from '../../platform/db/index.js';
import { openTestSqlite } from '../../platform/db/testing.js';
import { type App, createHttpServer } from '../../platform/http/index.js';
import { createInferenceHost } from '../../platform/inference/index.js';
import { type JobQueue, jobMigrations } from '../../platform/jobs/index.js';
import { quickQueue } from '../../platform/jobs/testing.js';
import { createLake } from '../../platform/lake/index.js';
import { createLocalObjectStore, type ObjectStore } from '../../platform/objects/index.js';
import { createLogger, createMetrics, openTreeMemory } from '../../platform/telemetry/index.js';
import type { Delivery } from '../data/index.js';
import { createEvaluation, type EvaluateRequest, type EvaluationReport } from '../evaluation/index.js';
import type { PredictionOutcome } from '../monitoring/index.js';
import type { ModelCard, ModelVersion } from '../registry/index.js';
import { createServing, type ServingService, servingMigrations, servingRoutes } from '../serving/index.js';
import { createTracking, trackingMigrations } from '../tracking/index.js';
import { createModelScorer, type ModelSignature } from '../training/index.js';
import { createRelease, releaseMigrations } from './index.js';
import type { ReleaseDeps } from './release-deps.js';
import type { ReleaseService } from './release-types.js';

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
  /** Rows by part, of whatever split: `test` has two unless a test puts others in their place. */
  readonly parts: Map<string, Table>;
  /** Judges a version on the part `test`, as its step would have; from then on that is its report. */
  evaluate(version: ModelVersion, change?: Partial<EvaluateRequest>): Promise<EvaluationReport>;
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
  const parts = new Map<string, Table>([['test', rows]]);
  const data = {
    readPart: async (_: string, part: string) => parts.get(part) as Table,
    splitById: async (id: string) => ({ id, versionId: 'd' }) as never,
    versionById: async () => ({ files: [], time: null }) as never,
  };
  const scoring = createInferenceHost({ workers: 1 });
  const scorer = createModelScorer({ inference: scoring, objects });
  const evaluation = createEvaluation({ db, objects, lake, clock, tracking, scorer, data });
  const reports = new Map<string, EvaluationReport>();
  const question = { trainPart: 'train', baselines: [] };
  const unjudged = { id: 'r', splitId: 's', part: 'test', question } as unknown as EvaluationReport;
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
          report: async (digest) => reports.get(digest) ?? unjudged,
          judgeAnswers: evaluation.judgeAnswers,
        },
        data: { ...data, delivery: () => Promise.reject(new Error('no delivery')) as Promise<Delivery> },
        reproduce: () => Promise.reject(new Error('nothing of these tests was made by a run')),
        monitoring: { outcomes: async () => outcomes },
        preciseNowMs: () => performance.now(),
        openMemory: () => openTreeMemory(),
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
    ...{ db, objects, clock, versions, start, outcomes, parts },
    evaluate: async ({ digest, signature: own, reportDigest }, change = {}) => {
      const question = { splitId: 's', part: 'test', trainPart: 'train', baselines: [], seed: 1, ...change };
      const request = { modelDigest: digest, signature: own, ...question };
      const { report } = await evaluation.evaluate({ actor: systemActor }, request);
      reports.set(reportDigest ?? digest, report);
      return report;
    },
    events: async (type) =>
      (await readLedger(db, { afterSeq: 0, limit: 100_000 })).filter((event) => event.type === type),
    dispose: async () => {
      for (const one of [...running]) await one.stop();
      await scoring.close();
      await lake.close();
      await dispose();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The serving routes on a free port: gates call the deployment in test over HTTP. */
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
