import type { Clock } from '@fairlead/kernel';
import type { DataService } from '../../rooms/data/index.js';
import type { GovernanceService } from '../../rooms/governance/index.js';
import type { Monitor, MonitoringService } from '../../rooms/monitoring/index.js';
import type { PipelineRun, PipelinesService } from '../../rooms/pipelines/index.js';
import type { RegistryService } from '../../rooms/registry/index.js';
import type { Release, ReleaseService, ReleaseState } from '../../rooms/release/index.js';
import type { BatchService, Endpoint, RoutingTable, ServingService, StreamService } from '../../rooms/serving/index.js';
import { fairleadVersion } from '../version.js';
import type { DatasetView, EndpointView, HomePageView, ModelView } from './home-page-types.js';

const PRODUCTION = 'production';
const TEST = 'test';
const RUNS = 6;
const RELEASES = 40;
const RECENT_RELEASES = 6;
const ALERTS = 20;
const BATCHES = 4;
const EVENTS = 10;
const EVENTS_READ = 80;
const QUALITY_ROWS = 30;
const QUALITY_WINDOWS = 60;

const ACTIVE_RUNS: ReadonlySet<PipelineRun['state']> = new Set(['queued', 'running']);
const ON_ITS_WAY: ReadonlySet<ReleaseState> = new Set(['testing', 'awaiting-approval', 'approved', 'rolling-out']);

// Every step starts and ends a tracked run: true, and in the log, but not what a person looks for first.
const BOOKKEEPING: ReadonlySet<string> = new Set([
  'tracking.run-started',
  'tracking.run-ended',
  'tracking.artifact-put',
  'pipelines.step-finished',
  'monitoring.rewards-posted',
  'monitoring.truth-posted',
]);

/** The rooms that the page reads. */
export interface HomePageRooms {
  readonly data: Pick<DataService, 'list' | 'versionById' | 'deliveries'>;
  readonly pipelines: Pick<PipelinesService, 'list' | 'runs'>;
  readonly registry: Pick<RegistryService, 'models' | 'versions'>;
  readonly serving: Pick<ServingService, 'endpoints' | 'routing' | 'liveEndpoints' | 'statistics'>;
  readonly monitoring: Pick<MonitoringService, 'list' | 'reports' | 'performance' | 'alerts'>;
  readonly release: Pick<ReleaseService, 'releases'>;
  readonly streams: Pick<StreamService, 'streams'>;
  readonly batches: Pick<BatchService, 'batches'>;
  readonly governance: Pick<GovernanceService, 'audit'>;
}

/** Reads everything the page shows. `withAudit` is the border's decision about the reader's roles. */
export async function readHomePage(
  rooms: HomePageRooms,
  { clock, withAudit }: { clock: Clock; withAudit: boolean },
): Promise<HomePageView> {
  const [runs, releases, open, acknowledged, audit, pipelines, batches] = await Promise.all([
    readRuns(rooms),
    rooms.release.releases({ limit: RELEASES }),
    rooms.monitoring.alerts({ state: 'open', limit: ALERTS }),
    rooms.monitoring.alerts({ state: 'acknowledged', limit: ALERTS }),
    withAudit ? rooms.governance.audit({ limit: EVENTS_READ }) : null,
    rooms.pipelines.list(),
    rooms.batches.batches(),
  ]);
  const [endpoints, datasets, models] = await Promise.all([
    readEndpoints(rooms, releases),
    readDatasets(rooms),
    readModels(rooms),
  ]);
  return {
    atMs: clock.nowMs(),
    version: fairleadVersion,
    empty: pipelines.length + endpoints.length + datasets.length === 0,
    runs,
    endpoints,
    releases: {
      waiting: releases.filter(({ state }) => ON_ITS_WAY.has(state)),
      recent: releases.filter(({ state }) => !ON_ITS_WAY.has(state)).slice(0, RECENT_RELEASES),
    },
    alerts: [...open, ...acknowledged],
    batches: batches.slice(0, BATCHES),
    datasets,
    models,
    events: audit === null ? null : audit.events.filter(({ type }) => !BOOKKEEPING.has(type)).slice(0, EVENTS),
  };
}

async function readRuns({ pipelines }: HomePageRooms): Promise<PipelineRun[]> {
  const runs = await pipelines.runs({ limit: RUNS * 2 });
  const active = (run: PipelineRun) => ACTIVE_RUNS.has(run.state);
  return [...runs.filter(active), ...runs.filter((run) => !active(run))].slice(0, RUNS);
}

async function readEndpoints(rooms: HomePageRooms, releases: readonly Release[]): Promise<EndpointView[]> {
  const [endpoints, monitors, streams] = await Promise.all([
    rooms.serving.endpoints(),
    rooms.monitoring.list(),
    rooms.streams.streams(),
  ]);
  const live = rooms.serving.liveEndpoints().filter(({ environment }) => environment === PRODUCTION);
  return Promise.all(
    endpoints.map(async (endpoint) => {
      const entry = live.find((candidate) => candidate.endpoint === endpoint.name);
      const monitor = monitors.find(
        ({ spec }) => spec.endpoint === endpoint.name && (spec.environment ?? PRODUCTION) === PRODUCTION,
      );
      return {
        ...(await readEndpoint(rooms, endpoint, monitor)),
        elsewhere: await readElsewhere(rooms, endpoint.name),
        streams: streams.filter(({ spec }) => spec.endpoint === endpoint.name),
        unavailable: entry === undefined ? 'no version serves here yet' : entry.reason,
        pending: pendingOf(releases.filter((release) => release.endpoint === endpoint.name)),
      };
    }),
  );
}

/** What moves traffic comes before what waits: the arms of a bandit wait for its candidate. */
function pendingOf(releases: readonly Release[]): Release | null {
  const rolling = releases.find(({ state }) => state === 'rolling-out');
  return rolling ?? releases.find(({ state }) => ON_ITS_WAY.has(state)) ?? null;
}

/** The gates' own deployments in `test` say nothing about who is served. */
async function readElsewhere({ serving }: HomePageRooms, endpoint: string): Promise<RoutingTable[]> {
  const places = serving
    .liveEndpoints()
    .filter((live) => live.endpoint === endpoint && live.environment !== PRODUCTION && live.environment !== TEST);
  const tables = await Promise.all(
    [...new Set(places.map(({ environment }) => environment))].map((environment) =>
      serving.routing(endpoint, environment),
    ),
  );
  return tables.filter((table): table is RoutingTable => table !== null && table.entries.length > 0);
}

async function readEndpoint(rooms: HomePageRooms, endpoint: Endpoint, monitor: Monitor | undefined) {
  const place = { endpoint: endpoint.name, environment: PRODUCTION };
  const routing = await rooms.serving.routing(place.endpoint, place.environment);
  if (routing === null) {
    return { endpoint, routing, statistics: [], windowRows: QUALITY_ROWS, quality: [], lastReport: null };
  }
  const windowRows = monitor?.spec.minRows ?? QUALITY_ROWS;
  const [statistics, quality, reports] = await Promise.all([
    rooms.serving.statistics(place),
    rooms.monitoring.performance(place.endpoint, { environment: PRODUCTION, rows: windowRows }),
    monitor === undefined ? [] : rooms.monitoring.reports(monitor.name, 1),
  ]);
  return {
    endpoint,
    routing,
    statistics,
    windowRows,
    quality: quality.slice(-QUALITY_WINDOWS),
    lastReport: reports[0] ?? null,
  };
}

async function readDatasets({ data }: HomePageRooms): Promise<DatasetView[]> {
  const datasets = await data.list();
  return Promise.all(
    datasets.map(async (dataset) => ({
      dataset,
      version: dataset.latestVersionId === null ? null : await data.versionById(dataset.latestVersionId),
      deliveries: await data.deliveries(dataset.name),
    })),
  );
}

async function readModels({ registry }: HomePageRooms): Promise<ModelView[]> {
  const models = await registry.models();
  return Promise.all(
    models.map(async (model) => ({
      model,
      versions: [...(await registry.versions(model.name))].sort((a, b) => b.version - a.version),
    })),
  );
}
