import {
  CompareRunsSchema,
  RunDifferenceSchema,
  RunSchema,
  SampledMetricSchema,
  SearchRunsSchema,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import { presentDifference, presentPoint, presentRun } from './present-run.js';
import type { TrackingService } from './tracking-types.js';

const tags = ['tracking'];

/** Finding runs by any condition, comparing them, and their metrics for a chart. */
export function addRunAnalysisRoutes(app: App, tracking: TrackingService): void {
  app.post(
    '/api/v1/runs/search',
    {
      schema: {
        operationId: 'findRuns',
        summary: 'Find runs by conditions, in any order, with the parts that are asked for',
        tags,
        body: SearchRunsSchema,
        response: {
          200: Type.Object({ items: Type.Array(RunSchema), nextPageToken: Type.Union([Type.String(), Type.Null()]) }),
        },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'run:read');
      const { where, ...rest } = request.body;
      const clauses = where?.map((clause) => ({ ...clause, value: clause.value ?? null }));
      const { items, nextPageToken } = await tracking.searchRuns({ ...rest, ...(clauses && { where: clauses }) });
      return { items: items.map(presentRun), nextPageToken };
    },
  );
  app.post(
    '/api/v1/runs/compare',
    {
      schema: {
        operationId: 'compareRuns',
        summary: 'What differs among runs; what is equal in all of them is left out',
        tags,
        body: CompareRunsSchema,
        response: { 200: Type.Object({ items: Type.Array(RunDifferenceSchema) }) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'run:read');
      return { items: (await tracking.compareRuns(request.body.runIds)).map(presentDifference) };
    },
  );
  app.get(
    '/api/v1/runs/:runId/metric-samples',
    {
      schema: {
        operationId: 'getMetricSamples',
        summary: 'A metric for a chart: about so many points, no peak lost',
        tags,
        params: Type.Object({ runId: Type.String() }),
        querystring: Type.Object({
          key: Type.String(),
          maxPoints: Type.Integer({ minimum: 4, maximum: 10_000, default: 1000 }),
          fromStep: Type.Optional(Type.Integer()),
          toStep: Type.Optional(Type.Integer({ description: 'Included.' })),
        }),
        response: { 200: SampledMetricSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'run:read');
      const { key, ...range } = request.query;
      const { points, total } = await tracking.sampledHistory(request.params.runId, key, range);
      return { items: points.map(presentPoint), totalPoints: total };
    },
  );
}
