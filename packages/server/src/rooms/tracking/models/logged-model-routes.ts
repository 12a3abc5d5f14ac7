import {
  CreateLoggedModelSchema,
  LoggedModelSchema,
  type LoggedModelView,
  RunLinksSchema,
  type RunLinksView,
  UpdateLoggedModelSchema,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import type { LoggedModel } from '../logged-model-types.js';
import { presentPoint } from '../present-run.js';
import type { TrackingService } from '../tracking-types.js';

const tags = ['tracking'];
const ModelParams = Type.Object({ modelId: Type.String() });

function presentModel(model: LoggedModel): LoggedModelView {
  const metrics = model.metrics.map((metric) => ({ ...metric, ...presentPoint(metric) }));
  return present<LoggedModelView>({ ...model, metrics });
}

/** Logged models, and what a run read and made. Their files are in the tree of files, below `artifactRoot`. */
export function addLoggedModelRoutes(app: App, { loggedModels, inputs, run }: TrackingService): void {
  addReads(app, { loggedModels });
  app.post(
    '/api/v1/logged-models',
    {
      schema: {
        operationId: 'createLoggedModel',
        summary: 'Log a model; its files are uploaded next, below its artifactRoot',
        tags,
        body: CreateLoggedModelSchema,
        response: { 201: LoggedModelSchema },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'run:write');
      const model = await loggedModels.createLoggedModel(requestContext(request), request.body);
      return reply.code(201).send(presentModel(model));
    },
  );
  app.patch(
    '/api/v1/logged-models/:modelId',
    {
      schema: {
        operationId: 'updateLoggedModel',
        summary: 'Change status, tags or parameters of a logged model',
        tags,
        params: ModelParams,
        body: UpdateLoggedModelSchema,
        response: { 200: LoggedModelSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'run:write');
      const { modelId } = request.params;
      return presentModel(await loggedModels.updateLoggedModel(requestContext(request), modelId, request.body));
    },
  );
  app.delete(
    '/api/v1/logged-models/:modelId',
    {
      schema: {
        operationId: 'deleteLoggedModel',
        summary: 'Delete a logged model',
        tags,
        params: ModelParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'run:write');
      await loggedModels.deleteLoggedModel(requestContext(request), request.params.modelId);
      return reply.code(204).send(null);
    },
  );
  app.get(
    '/api/v1/runs/:runId/links',
    {
      schema: {
        operationId: 'getRunLinks',
        summary: 'What a run read and made, by its own word',
        tags,
        params: Type.Object({ runId: Type.String() }),
        response: { 200: RunLinksSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'run:read');
      const { id } = await run(request.params.runId);
      const links = (await inputs.linksOf([id])).get(id);
      return present<RunLinksView>(links ?? { datasets: [], modelInputs: [], modelOutputs: [] });
    },
  );
}

function addReads(app: App, { loggedModels }: Pick<TrackingService, 'loggedModels'>): void {
  app.get(
    '/api/v1/logged-models',
    {
      schema: {
        operationId: 'listLoggedModels',
        summary: 'Logged models of an experiment, newest first or in the order of a metric',
        tags,
        querystring: Type.Object({
          experimentId: Type.String(),
          orderByMetric: Type.Optional(Type.String({ description: 'Key of a metric; newest first without it.' })),
          direction: Type.Optional(Type.Enum(['asc', 'desc'])),
          limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
          pageToken: Type.Optional(Type.String()),
        }),
        response: {
          200: Type.Object({
            items: Type.Array(LoggedModelSchema),
            nextPageToken: Type.Union([Type.String(), Type.Null()]),
          }),
        },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'run:read');
      const { experimentId, orderByMetric, direction = 'asc', ...page } = request.query;
      const { items, nextPageToken } = await loggedModels.searchLoggedModels({
        ...page,
        experimentIds: [experimentId],
        ...(orderByMetric !== undefined && { orderBy: [{ field: 'metric', key: orderByMetric, direction }] }),
      });
      return { items: items.map(presentModel), nextPageToken };
    },
  );
  app.get(
    '/api/v1/logged-models/:modelId',
    {
      schema: {
        operationId: 'getLoggedModel',
        summary: 'Get a logged model',
        tags,
        params: ModelParams,
        response: { 200: LoggedModelSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'run:read');
      return presentModel(await loggedModels.loggedModel(request.params.modelId));
    },
  );
}
