import {
  DeclaredEndpointSchema,
  DeclareEndpointSchema,
  DeployedSchema,
  DeploymentSchema,
  DeploymentStatisticsSchema,
  type DeploymentStatisticsView,
  type DeploymentView,
  DeploySchema,
  EndpointSchema,
  type EndpointView,
  RoutingTableSchema,
  type RoutingTableView,
} from '@fairlead/contracts';
import { type TSchema, Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { RegistryService } from '../registry/index.js';
import type { DeploymentConfiguration } from './backends/configuration-types.js';
import { type OipRoutesDeps, oipRoutes } from './oip/oip-routes.js';
import { addPredictRoutes } from './predict/predict-routes.js';
import { servingErrors } from './serving-errors.js';
import type { DeploymentState, ServingService } from './serving-types.js';

export interface ServingRoutesDeps {
  readonly serving: ServingService;
  readonly registry: Pick<RegistryService, 'version'>;
  /** Of Fairlead, for the server metadata. */
  readonly version: string;
  /** Largest body of an inference request whose encoding was undone. Default 64 MiB. */
  readonly bodyLimitBytes?: number;
}

const tags = ['serving'];
const params = Type.Object({ name: Type.String() });
const environment = Type.String({ default: 'production' });
const listOf = (items: TSchema) => Type.Object({ items: Type.Array(items), nextPageToken: Type.Null() });

/** The native serving API and the Open Inference Protocol. Production changes only through release. */
export function servingRoutes(deps: ServingRoutesDeps): (app: App) => Promise<void> {
  return async (app) => {
    addEndpointRoutes(app, deps.serving);
    addDeploymentRoutes(app, deps);
    addRoutingRoutes(app, deps.serving);
    await inferenceRoutes(deps)(app);
  };
}

/** What answers requests, in the server and in its serving processes: plain JSON and the Open Inference Protocol. */
export function inferenceRoutes(deps: OipRoutesDeps): (app: App) => Promise<void> {
  return async (app) => {
    addPredictRoutes(app, deps.serving);
    await oipRoutes(deps)(app);
  };
}

function addEndpointRoutes(app: App, serving: ServingService): void {
  app.get(
    '/api/v1/endpoints',
    {
      schema: {
        operationId: 'listEndpoints',
        summary: 'List the endpoints',
        tags,
        response: { 200: listOf(EndpointSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'endpoint:read');
      return { items: (await serving.endpoints()).map(present<EndpointView>), nextPageToken: null };
    },
  );
  app.get(
    '/api/v1/endpoints/:name',
    {
      schema: {
        operationId: 'getEndpoint',
        summary: 'Get an endpoint',
        tags,
        params,
        response: { 200: EndpointSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'endpoint:read');
      return present<EndpointView>(await serving.endpoint(request.params.name));
    },
  );
  app.put(
    '/api/v1/endpoints/:name',
    {
      schema: {
        operationId: 'declareEndpoint',
        summary: 'Declare an endpoint, or change its description',
        tags,
        params,
        body: DeclareEndpointSchema,
        response: { 200: DeclaredEndpointSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'endpoint:write');
      const { model, description, configuration } = request.body;
      const { endpoint, changed } = await serving.declareEndpoint(requestContext(request), {
        name: request.params.name,
        model,
        ...(description !== undefined && { description }),
        ...(configuration !== undefined && { configuration: configuration as DeploymentConfiguration }),
      });
      return { endpoint: present<EndpointView>(endpoint), changed };
    },
  );
}

function addDeploymentRoutes(app: App, { serving, registry }: ServingRoutesDeps): void {
  const querystring = Type.Object({
    environment: Type.Optional(Type.String()),
    state: Type.Optional(Type.Enum(['loading', 'ready', 'failed', 'retired'])),
  });
  app.get(
    '/api/v1/endpoints/:name/deployments',
    {
      schema: {
        operationId: 'listDeployments',
        summary: 'List the deployments of an endpoint, newest first',
        tags,
        params,
        querystring,
        response: { 200: listOf(DeploymentSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'deployment:read');
      const { name } = await serving.endpoint(request.params.name);
      const { environment: place, state } = request.query;
      const deployments = await serving.deployments({
        endpoint: name,
        ...(place !== undefined && { environment: place }),
        ...(state !== undefined && { state: state as DeploymentState }),
      });
      return { items: deployments.map(present<DeploymentView>), nextPageToken: null };
    },
  );
  app.post(
    '/api/v1/environments/:environment/endpoints/:name/deployments',
    {
      schema: {
        operationId: 'deploy',
        summary: 'Serve a registered version alone in an environment that needs no approval',
        tags,
        params: Type.Object({ environment: Type.String({ maxLength: 100 }), name: Type.String() }),
        body: DeploySchema,
        response: { 201: DeployedSchema },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'deployment:write');
      const context = requestContext(request);
      const { name, model } = await serving.endpoint(request.params.name);
      const version = await registry.version(model, request.body.version);
      const place = { endpoint: name, environment: request.params.environment };
      const { deployment, routing } = await serving.deployOpenly(context, { ...place, version });
      reply.code(201);
      return { deployment: present<DeploymentView>(deployment), routing: present<RoutingTableView>(routing) };
    },
  );
}

function addRoutingRoutes(app: App, serving: ServingService): void {
  app.get(
    '/api/v1/endpoints/:name/routing',
    {
      schema: {
        operationId: 'getRouting',
        summary: 'Who serves which share of an endpoint now',
        tags,
        params,
        querystring: Type.Object({ environment }),
        response: { 200: RoutingTableSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'deployment:read');
      const { name } = await serving.endpoint(request.params.name);
      const table = await serving.routing(name, request.query.environment);
      if (table !== null) return present<RoutingTableView>(table);
      const message = `Endpoint ${name} has no live version in ${request.query.environment}.`;
      // SRV_NOT_ROUTED is for callers who want an answer; who asks for the table is told that there is none.
      throw servingErrors.SRV_NO_ROUTING(message, { data: { endpoint: name } });
    },
  );
  app.get(
    '/api/v1/endpoints/:name/routing/history',
    {
      schema: {
        operationId: 'getRoutingHistory',
        summary: 'What served which share when, why and by whom, newest first',
        tags,
        params,
        querystring: Type.Object({
          environment,
          limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
          atMs: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 8_640_000_000_000_000,
              description: 'Begin with the table that was in force at this moment.',
            }),
          ),
        }),
        response: { 200: listOf(RoutingTableSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'deployment:read');
      const { name } = await serving.endpoint(request.params.name);
      const { environment: place, limit, atMs } = request.query;
      const tables = await serving.routingHistory(name, place, limit, atMs);
      return { items: tables.map(present<RoutingTableView>), nextPageToken: null };
    },
  );
  app.get(
    '/api/v1/endpoints/:name/statistics',
    {
      schema: {
        operationId: 'getEndpointStatistics',
        summary: 'Requests, errors and latencies per deployment since the server started',
        tags,
        params,
        querystring: Type.Object({ environment }),
        response: { 200: listOf(DeploymentStatisticsSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'deployment:read');
      const { name } = await serving.endpoint(request.params.name);
      const statistics = await serving.statistics({ endpoint: name, environment: request.query.environment });
      return { items: statistics.map(present<DeploymentStatisticsView>), nextPageToken: null };
    },
  );
}
