import {
  CreateExperimentSchema,
  ExperimentSchema,
  type ExperimentView,
  LineageGraphSchema,
  type LineageGraphView,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import { addArtifactRoutes } from './artifact-routes.js';
import { addRunRoutes } from './run-routes.js';
import type { TrackingService } from './tracking-types.js';

const tags = ['tracking'];

export interface TrackingRoutesDeps {
  readonly tracking: TrackingService;
}

/** The native tracking API: experiments, runs, files and lineage. */
export function trackingRoutes({ tracking }: TrackingRoutesDeps): (app: App) => Promise<void> {
  return async (app) => {
    addExperimentRoutes(app, tracking);
    addRunRoutes(app, tracking);
    addArtifactRoutes(app, tracking);
    app.get(
      '/api/v1/lineage',
      {
        schema: {
          operationId: 'getLineage',
          summary: 'Walk from a thing towards its sources, its consumers or both',
          tags: ['lineage'],
          querystring: Type.Object({
            kind: Type.String({ minLength: 1, description: 'For example run, dataset-version, model-version.' }),
            id: Type.String({ minLength: 1 }),
            direction: Type.Enum(['up', 'down', 'both'], { default: 'both' }),
            maxNodes: Type.Integer({ minimum: 1, maximum: 10_000, default: 500 }),
          }),
          response: { 200: LineageGraphSchema },
        },
      },
      async (request) => {
        requireCan(actorOf(request), 'lineage:read');
        const { kind, id, direction, maxNodes } = request.query;
        return present<LineageGraphView>(await tracking.lineage({ kind, id }, { direction, maxNodes }));
      },
    );
  };
}

function addExperimentRoutes(app: App, tracking: TrackingService): void {
  app.get(
    '/api/v1/experiments',
    {
      schema: {
        operationId: 'listExperiments',
        summary: 'List the experiments by name',
        tags,
        response: { 200: Type.Object({ items: Type.Array(ExperimentSchema), nextPageToken: Type.Null() }) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'experiment:read');
      return { items: (await tracking.experiments()).map(present<ExperimentView>), nextPageToken: null };
    },
  );
  app.post(
    '/api/v1/experiments',
    {
      schema: {
        operationId: 'createExperiment',
        summary: 'Create an experiment, or get it when it is there',
        tags,
        body: CreateExperimentSchema,
        response: { 201: ExperimentSchema },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'experiment:write');
      const experiment = await tracking.ensureExperiment(requestContext(request), request.body.name);
      return reply.code(201).send(present<ExperimentView>(experiment));
    },
  );
}
