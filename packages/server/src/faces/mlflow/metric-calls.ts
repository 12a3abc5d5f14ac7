import type { MetricPoint } from '../../rooms/tracking/index.js';
import { type Call, defineCall } from './define-call.js';
import { presentMetric, presentMetricOfRun } from './present-run.js';
import type { Fields } from './read-fields.js';
import { readRunId } from './read-run.js';
import { presentToken, unlessEmpty } from './wire.js';

const MAX_PAGE = 50_000;
const MAX_BULK_RUNS = 100;
const MAX_BULK_POINTS = 25_000;
const MAX_STEPS = 2500;

/** Calls that read the history of metrics. */
export const metricCalls: readonly Call[] = [
  defineCall({
    methods: ['GET'],
    path: 'metrics/get-history',
    may: 'run:read',
    parse: (fields) => {
      const limit = fields.whole('max_results', { min: 1 });
      const pageToken = fields.text('page_token');
      return {
        runId: readRunId(fields),
        key: fields.neededText('metric_key'),
        page: limit === undefined ? undefined : { limit: Math.min(limit, MAX_PAGE), ...(pageToken && { pageToken }) },
      };
    },
    run: async ({ rooms: { tracking }, request: { runId, key, page } }) => {
      if (page !== undefined) return tracking.metricHistoryPage(runId, key, page);
      return { points: [...(await tracking.metricHistory(runId, key))].sort(byTime), nextPageToken: null };
    },
    present: ({ points, nextPageToken }) => ({
      metrics: unlessEmpty(points.map(presentMetric)),
      next_page_token: presentToken(nextPageToken),
    }),
  }),
  defineCall({
    methods: ['GET'],
    path: 'metrics/get-history-bulk-interval',
    may: 'run:read',
    parse: (fields) => {
      const fromStep = fields.whole('start_step');
      const toStep = fields.whole('end_step');
      if ((fromStep === undefined) !== (toStep === undefined)) {
        throw fields.refuse('start_step, end_step', fromStep ?? toStep, 'both or none of them');
      }
      if (fromStep !== undefined && toStep !== undefined && fromStep > toStep) {
        throw fields.refuse('end_step', toStep, `no step before start_step ${fromStep}`);
      }
      const maxSteps = fields.whole('max_results', { min: 1, max: MAX_STEPS }) ?? MAX_STEPS;
      return {
        runIds: readRunIds(fields, 'run_ids'),
        key: fields.neededText('metric_key'),
        range: { maxSteps, ...(fromStep !== undefined && toStep !== undefined && { fromStep, toStep }) },
      };
    },
    run: ({ rooms, request: { runIds, key, range } }) => rooms.tracking.intervalHistory(runIds, key, range),
    present: (points) => ({ metrics: unlessEmpty(points.map(presentMetricOfRun)) }),
  }),
  defineCall({
    methods: ['GET'],
    path: 'metrics/get-history-bulk',
    may: 'run:read',
    parse: (fields) => ({
      runIds: readRunIds(fields, 'run_id'),
      key: fields.neededText('metric_key'),
      limit: Math.min(fields.whole('max_results', { min: 1 }) ?? MAX_BULK_POINTS, MAX_BULK_POINTS),
    }),
    run: ({ rooms, request: { runIds, key, limit } }) => rooms.tracking.bulkHistory(runIds, key, limit),
    // MLflow's web UI reads the list without asking whether it is there.
    present: (points) => ({ metrics: points.map(presentMetricOfRun) }),
  }),
];

/** The order of MLflow's histories; the room's is by step. */
function byTime(a: MetricPoint, b: MetricPoint): number {
  return a.timestampMs - b.timestampMs || a.step - b.step || a.value - b.value || 0;
}

function readRunIds(fields: Fields, name: string): readonly string[] {
  const ids = fields.texts(name);
  if (ids.length > 0 && ids.length <= MAX_BULK_RUNS) return ids;
  throw fields.refuse(name, ids, `1 to ${MAX_BULK_RUNS} runs`);
}
