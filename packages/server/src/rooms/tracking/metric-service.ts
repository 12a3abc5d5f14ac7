import { readPageToken, writePageToken } from '../../platform/search/index.js';
import { withDatasets } from './metric-datasets-rules.js';
import type { MetricFeed } from './metric-feed.js';
import { fromStoredPosition, parseReading, toStoredPosition } from './metric-reading-rules.js';
import type { MetricPoint, MetricService } from './metric-types.js';
import { missingRun, type RunDeps } from './run-service.js';

const MAX_PAGE = 50_000;
const MAX_SAMPLED = 10_000;
const MAX_RUNS = 100;
const MAX_BULK = 50_000;

/** Histories of metrics: whole, by pages, thinned out for charts, and live. */
export function createMetricService(deps: RunDeps): MetricService {
  const { metricStore, feed } = deps;
  const { longReads } = deps.db;
  return {
    metricHistory: async (runId, key) => {
      const runNo = await noOf(deps, runId);
      const points = await metricStore.history(longReads, runNo, key);
      return withDatasets(points, await metricStore.measured(longReads, runNo, key));
    },
    metricHistoryPage: async (runId, key, { limit, pageToken }) => {
      parseReading('limit', limit, MAX_PAGE);
      const runNo = await noOf(deps, runId);
      const search = { of: 'history', runId, key };
      const after =
        pageToken === undefined
          ? null
          : fromStoredPosition(key, readPageToken(search, pageToken, ['number', 'number', 'number', 'number']));
      const points = await metricStore.historyPage(longReads, { runNo, key, after, limit: limit + 1 });
      const last = points[limit - 1];
      return {
        points: withDatasets(points.slice(0, limit), await metricStore.measured(longReads, runNo, key)),
        nextPageToken:
          points.length > limit && last !== undefined ? writePageToken(search, toStoredPosition(last)) : null,
      };
    },
    sampledHistory: async (runId, key, { maxPoints, fromStep, toStep }) => {
      parseReading('maxPoints', maxPoints, MAX_SAMPLED);
      const range = { ...(fromStep !== undefined && { fromStep }), ...(toStep !== undefined && { toStep }) };
      return metricStore.sampled(longReads, {
        runNo: await noOf(deps, runId),
        key,
        buckets: Math.ceil(maxPoints / 4),
        ...range,
      });
    },
    intervalHistory: async (runIds, key, { maxSteps, ...range }) => {
      parseReading('maxSteps', maxSteps, MAX_SAMPLED);
      parseReading('runs', runIds.length, MAX_RUNS);
      await refuseMissing(deps, runIds);
      return metricStore.interval(longReads, { runIds, key, maxSteps, ...range });
    },
    bulkHistory: async (runIds, key, limit) => {
      parseReading('limit', limit, MAX_BULK);
      parseReading('runs', runIds.length, MAX_RUNS);
      await refuseMissing(deps, runIds);
      return metricStore.bulk(longReads, { runIds, key, limit });
    },
    followMetrics: (runId, signal) => followMetrics(deps, runId, signal, feed),
  };
}

async function* followMetrics(
  deps: RunDeps,
  runId: string,
  signal: AbortSignal,
  feed: MetricFeed,
): AsyncIterable<readonly MetricPoint[]> {
  // Listening begins before the run is looked up: nothing that is stored meanwhile is lost.
  const points = feed.follow(runId, signal);
  await noOf(deps, runId);
  yield* points;
}

async function noOf({ db, runStore }: RunDeps, runId: string): Promise<number> {
  return ((await runStore.head(db, runId)) ?? missingRun(runId)).no;
}

async function refuseMissing({ db, runStore }: RunDeps, runIds: readonly string[]): Promise<void> {
  const known = new Set(await runStore.existing(db, runIds));
  const missing = runIds.find((id) => !known.has(id));
  if (missing !== undefined) missingRun(missing);
}
