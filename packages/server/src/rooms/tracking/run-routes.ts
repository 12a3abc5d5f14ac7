import {
  CreateRunSchema,
  EndRunSchema,
  MetricPointSchema,
  RunBatchSchema,
  RunSchema,
  RunStatusSchema,
} from '@fairlead/contracts';
import { type Static, Type } from 'typebox';
import { type App, actorOf, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { Clause } from '../../platform/search/index.js';
import { fromWirePoint, presentPoint, presentRun } from './present-run.js';
import type { RunField, RunSearch, TrackingService } from './tracking-types.js';

const tags = ['tracking'];
const RunParams = Type.Object({ runId: Type.String() });
const Search = Type.Object({
  experiment: Type.Optional(Type.String({ description: 'Name of the experiment.' })),
  status: Type.Optional(RunStatusSchema),
  parentRunId: Type.Optional(Type.String()),
  orderByMetric: Type.Optional(Type.String({ description: 'Key of a metric; newest first without it.' })),
  direction: Type.Optional(Type.Enum(['asc', 'desc'])),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  pageToken: Type.Optional(Type.String()),
});

/** Starting, logging to, ending and finding runs. */
export function addRunRoutes(app: App, tracking: TrackingService): void {
  addReads(app, tracking);
  app.post(
    '/api/v1/runs',
    {
      schema: {
        operationId: 'startRun',
        summary: 'Start a run; its experiment is created when needed',
        tags,
        body: CreateRunSchema,
        response: { 201: RunSchema },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'run:write');
      return reply.code(201).send(presentRun(await tracking.startRun(requestContext(request), request.body)));
    },
  );
  app.post(
    '/api/v1/runs/:runId/batch',
    {
      schema: {
        operationId: 'logRunBatch',
        summary: 'Log metrics, parameters and tags, all or nothing',
        tags,
        params: RunParams,
        body: RunBatchSchema,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'run:write');
      const { metrics = [], ...rest } = request.body;
      const batch = { ...rest, metrics: metrics.map(fromWirePoint) };
      await tracking.logBatch(requestContext(request), request.params.runId, batch);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/api/v1/runs/:runId/end',
    {
      schema: {
        operationId: 'endRun',
        summary: 'End a run',
        tags,
        params: RunParams,
        body: EndRunSchema,
        response: { 200: RunSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'run:write');
      return presentRun(await tracking.endRun(requestContext(request), request.params.runId, request.body.status));
    },
  );
}

function addReads(app: App, tracking: TrackingService): void {
  app.get(
    '/api/v1/runs',
    {
      schema: {
        operationId: 'searchRuns',
        summary: 'Find runs, newest first or in the order of a metric',
        tags,
        querystring: Search,
        response: {
          200: Type.Object({ items: Type.Array(RunSchema), nextPageToken: Type.Union([Type.String(), Type.Null()]) }),
        },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'run:read');
      const { items, nextPageToken } = await tracking.searchRuns(await toSearch(tracking, request.query));
      return { items: items.map(presentRun), nextPageToken };
    },
  );
  app.get(
    '/api/v1/runs/:runId',
    {
      schema: { operationId: 'getRun', summary: 'Get a run', tags, params: RunParams, response: { 200: RunSchema } },
    },
    async (request) => {
      requireCan(actorOf(request), 'run:read');
      return presentRun(await tracking.run(request.params.runId));
    },
  );
  app.get(
    '/api/v1/runs/:runId/metric-history',
    {
      schema: {
        operationId: 'getMetricHistory',
        summary: 'Every value of one metric, by step, time and value',
        tags,
        params: RunParams,
        querystring: Type.Object({ key: Type.String() }),
        response: { 200: Type.Object({ items: Type.Array(MetricPointSchema) }) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'run:read');
      const points = await tracking.metricHistory(request.params.runId, request.query.key);
      return { items: points.map(presentPoint) };
    },
  );
}

async function toSearch(tracking: TrackingService, query: Static<typeof Search>): Promise<RunSearch> {
  const { experiment, status, parentRunId, orderByMetric, direction = 'asc', limit, pageToken } = query;
  const where: Clause<RunField>[] = [
    ...(status === undefined ? [] : [{ field: 'status', comparison: '=', value: status } as const]),
    ...(parentRunId === undefined ? [] : [{ field: 'parent', comparison: '=', value: parentRunId } as const]),
  ];
  return {
    where,
    limit,
    ...(experiment !== undefined && { experimentIds: [(await tracking.experimentNamed(experiment)).id] }),
    ...(orderByMetric !== undefined && { orderBy: [{ field: 'metric', key: orderByMetric, direction }] }),
    ...(pageToken !== undefined && { pageToken }),
  };
}
