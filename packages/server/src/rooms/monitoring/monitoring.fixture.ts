import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Row, type Table, toRows } from '@fairlead/frame';
import { type Clock, fixedClock, systemActor } from '@fairlead/kernel';
import type { ChangeContext, Db } from '../../platform/db/index.js';
import { openTestSqlite } from '../../platform/db/testing.js';
import { createInferenceHost } from '../../platform/inference/index.js';
import { type JobQueue, jobMigrations } from '../../platform/jobs/index.js';
import { quickQueue } from '../../platform/jobs/testing.js';
import { createLake, type Lake, quoteLiteral } from '../../platform/lake/index.js';
import { createLocalObjectStore } from '../../platform/objects/index.js';
import { createMetrics, type Metrics } from '../../platform/telemetry/index.js';
import type { DataService } from '../data/index.js';
import { createEvaluation, type EvaluationReport } from '../evaluation/index.js';
import type { ModelVersion, RegistryService } from '../registry/index.js';
import { createServing, type ServingService, servingMigrations } from '../serving/index.js';
import { createTracking, trackingMigrations } from '../tracking/index.js';
import { createModelScorer, createTraining, type TrainRequest } from '../training/index.js';
import { createMonitoring, type MonitoringService, type MonitorSpec, monitoringMigrations } from './index.js';

export const me: ChangeContext = { actor: { ...systemActor, id: 'ada' } };

export const rainMonitor: MonitorSpec = {
  endpoint: 'rain',
  windowRows: 60,
  minRows: 30,
  reference: 'same-season',
  everyRows: 0,
  drift: { alpha: 0.01, minEffect: 0.1 },
};

export interface MonitoringBench {
  readonly db: Db;
  readonly clock: Clock & { advance(byMs: number): void };
  readonly jobs: JobQueue;
  readonly metrics: Metrics;
  readonly serving: ServingService;
  readonly monitoring: MonitoringService;
  readonly report: EvaluationReport;
  readonly errors: string[];
  /** NOAA's days of a city in the years [from, until), in order. */
  days(city: 'Seattle' | 'New York', years: { from: number; until: number }): Promise<Row[]>;
  /** Asks the endpoint for each day, in requests of up to 20 rows; returns the ids. `change` damages what is sent. */
  send(days: readonly Row[], change?: (day: Row) => Row): Promise<string[]>;
  dispose(): Promise<void>;
}

/**
 * A model of tomorrow's rain, trained on Seattle 2012–2014 and evaluated on 2015, in production behind endpoint `rain`:
 * real training, evaluation, serving and capture; the data room's splits are tables in memory.
 */
export async function openMonitoringBench(candidate: TrainRequest['candidates'][number]): Promise<MonitoringBench> {
  const home = mkdtempSync(join(tmpdir(), 'fairlead-monitoring-'));
  const vega = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data');
  const { db, dispose } = await openTestSqlite([
    trackingMigrations,
    servingMigrations,
    monitoringMigrations,
    jobMigrations,
  ]);
  const objects = createLocalObjectStore(join(home, 'objects'));
  const lake = await createLake({ tempFolder: join(home, 'temp'), allowedFolders: [home, vega], threads: 1 });
  const clock = fixedClock(1_700_000_000_000);
  const [metrics, errors] = [createMetrics(), [] as string[]];
  const [inference, host] = [createInferenceHost({ workers: 1 }), createInferenceHost({ workers: 1 })];
  const onError = (error: unknown, message: string) => errors.push(`${message}: ${String(error)}`);
  const tracking = createTracking({ db, objects, clock, version: '0.0.0' });
  const scorer = createModelScorer({ inference, objects });
  const training = createTraining({ db, objects, clock, tracking, scorer, version: '0.0.0' });
  const parts = {
    train: await readDays(lake, vega, "location = 'Seattle' and date < timestamp '2015-01-01'"),
    test: await readDays(lake, vega, "location = 'Seattle' and date >= timestamp '2015-01-01'"),
  };
  const data = holdData(parts);
  const evaluation = createEvaluation({ db, objects, lake, clock, tracking, scorer, data });
  const { model, signature, parity } = await training.train(me, {
    table: parts.train,
    request: { ...trainRequest, candidates: [candidate] },
    ...{ experiment: 'rain', parentRunId: null, time: 'date', entity: ['location'] },
  });
  const { report, digest } = await evaluation.evaluate(me, {
    ...{ modelDigest: model.digest, signature, splitId: 's', part: 'test', trainPart: 'train', baselines: [], seed: 1 },
  });
  const version: ModelVersion = {
    ...{ model: 'rain', version: 1, digest: model.digest, files: [], signature, parity, reportDigest: digest },
    source: {
      ...{ pipelineRunId: null, trackingRunId: null, splitId: 's', datasetVersionId: 'd', trainPart: 'train' },
      ...{ trainer: candidate.trainer, params: {} },
    },
    ...{ profileDigest: digest, tags: {}, createdAtMs: 0, createdBy: 'ada' },
  };
  const registry: Pick<RegistryService, 'version' | 'versions'> = {
    version: async () => version,
    versions: async () => [version],
  };
  const jobs = quickQueue(db, 'monitoring');
  const serving = createServing({
    ...{ db, objects, lake, host, tracking, clock, metrics, home, onError },
    authority: { mayServe: async () => true, needsApproval: async () => true },
    onCaptured: (...rows) => monitoring.noticeRows(...rows),
  });
  const monitoring = createMonitoring({ db, clock, jobs, metrics, data, evaluation, registry, serving, onError });
  await serving.restore();
  await goLive(serving, version);
  return {
    ...{ db, clock, jobs, metrics, serving, monitoring, report, errors },
    days: async (city, { from, until }) => {
      const years = `date >= timestamp '${from}-01-01' and date < timestamp '${until}-01-01'`;
      return toRows(await readDays(lake, vega, `location = '${city}' and ${years}`));
    },
    send: (days, change = (day) => day) => sendDays(serving, days, change),
    dispose: async () => {
      await monitoring.close();
      await serving.close();
      await Promise.all([host.close(), inference.close(), lake.close()]);
      await dispose();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const trainRequest: Omit<TrainRequest, 'candidates'> = {
  target: 'rain_tomorrow',
  exclude: ['wet'],
  validation: { kind: 'time-series', folds: 2 },
  metric: 'brier',
  seed: 7,
};

function readDays(lake: Lake, vega: string, where: string): Promise<Table> {
  return lake.query(
    `select * from (
       select location, date::timestamp as date, precipitation, temp_max, temp_min, wind, weather,
         precipitation > 0 as wet, lead(precipitation > 0) over (partition by location order by date) as rain_tomorrow
       from read_csv(${quoteLiteral(join(vega, 'weather.csv'))})
     ) where rain_tomorrow is not null and ${where} order by date`,
  );
}

function holdData(parts: Readonly<Record<string, Table>>): DataService {
  const held: Pick<DataService, 'readPart' | 'versionById' | 'splitById'> = {
    readPart: async (_split, part) => parts[part] as Table,
    versionById: async (id) =>
      ({ id, dataset: 'weather', time: 'date', entity: ['location'], label: null }) as unknown as Awaited<
        ReturnType<DataService['versionById']>
      >,
    splitById: async (id) =>
      ({ id, versionId: 'd', parts: [] }) as unknown as Awaited<ReturnType<DataService['splitById']>>,
  };
  return held as DataService;
}

async function goLive(serving: ServingService, version: ModelVersion): Promise<void> {
  await serving.declareEndpoint(me, { name: 'rain', model: 'rain' });
  const { id } = await serving.deploy(me, { endpoint: 'rain', environment: 'production', version });
  await serving.route(me, {
    ...{ endpoint: 'rain', environment: 'production', entries: [{ deploymentId: id, weight: 1 }], reason: 'test' },
  });
}

let requests = 0;

async function sendDays(serving: ServingService, days: readonly Row[], change: (day: Row) => Row): Promise<string[]> {
  const ids = days.map(idOf);
  for (let from = 0; from < days.length; from += 20) {
    requests += 1;
    const rows = days
      .slice(from, from + 20)
      .map(change)
      .map(asked);
    await serving.predict({
      ...{ endpoint: 'rain', environment: 'production', requestId: `r${requests}`, consumer: 'tests' },
      input: { kind: 'rows', rows, ids: ids.slice(from, from + 20) },
    });
  }
  return ids;
}

const dateOf = (day: Row) => new Date(day.date as number).toISOString().slice(0, 10);
export const idOf = (day: Row) => `${day.location}/${dateOf(day)}`;

/** What a caller knows in the evening: the day's weather, and the date as text. */
function asked({ rain_tomorrow: _, wet: __, ...day }: Row): Record<string, unknown> {
  return { ...day, date: dateOf(day) };
}

export const truthOf = (days: readonly Row[]) =>
  days.map((day) => ({ id: idOf(day), label: String(day.rain_tomorrow) }));
