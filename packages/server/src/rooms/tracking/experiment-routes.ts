import {
  ChangeExperimentSchema,
  CreateExperimentSchema,
  ExperimentSchema,
  type ExperimentView,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { TrackingService } from './tracking-types.js';

const tags = ['tracking'];
const params = Type.Object({ experimentId: Type.String() });
const response = { 200: ExperimentSchema };

/** Experiments: listed, made, changed, deleted and restored. */
export function addExperimentRoutes(app: App, tracking: TrackingService): void {
  addReads(app, tracking);
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
  app.patch(
    '/api/v1/experiments/:experimentId',
    {
      schema: {
        operationId: 'changeExperiment',
        summary: 'Change the name, note or tags of an experiment',
        tags,
        params,
        body: ChangeExperimentSchema,
        response,
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'experiment:write');
      const { experimentId } = request.params;
      return present<ExperimentView>(
        await tracking.updateExperiment(requestContext(request), experimentId, request.body),
      );
    },
  );
  app.delete(
    '/api/v1/experiments/:experimentId',
    {
      schema: {
        operationId: 'deleteExperiment',
        summary: 'Delete an experiment and its runs; its name is free again, and it can be restored',
        tags,
        params,
        response,
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'experiment:write');
      return present<ExperimentView>(
        await tracking.deleteExperiment(requestContext(request), request.params.experimentId),
      );
    },
  );
  app.post(
    '/api/v1/experiments/:experimentId/restore',
    {
      schema: {
        operationId: 'restoreExperiment',
        summary: 'Bring a deleted experiment back, with the runs that were deleted with it',
        tags,
        params,
        response,
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'experiment:write');
      return present<ExperimentView>(
        await tracking.restoreExperiment(requestContext(request), request.params.experimentId),
      );
    },
  );
}

function addReads(app: App, tracking: TrackingService): void {
  app.get(
    '/api/v1/experiments',
    {
      schema: {
        operationId: 'listExperiments',
        summary: 'List the experiments by name, active ones unless told',
        tags,
        querystring: Type.Object(
          { lifecycle: Type.Optional(Type.Enum(['active', 'deleted', 'all'])) },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ items: Type.Array(ExperimentSchema), nextPageToken: Type.Null() }) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'experiment:read');
      return {
        items: (await tracking.experiments(request.query.lifecycle)).map(present<ExperimentView>),
        nextPageToken: null,
      };
    },
  );
  app.get(
    '/api/v1/experiments/:experimentId',
    {
      schema: { operationId: 'getExperiment', summary: 'Get an experiment, deleted ones too', tags, params, response },
    },
    async (request) => {
      requireCan(actorOf(request), 'experiment:read');
      return present<ExperimentView>(await tracking.experiment(request.params.experimentId));
    },
  );
}
