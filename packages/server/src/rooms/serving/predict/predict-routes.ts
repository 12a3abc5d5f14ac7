import { PredictAnswerSchema, PredictBodySchema } from '@fairlead/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type App, actorOf } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import { servingErrors } from '../serving-errors.js';
import { mayChooseVersion } from '../serving-rules.js';
import type { ServingService } from '../serving-types.js';
import { endpointOpenApi } from './endpoint-openapi.js';
import type { InputRow } from './row-encoder.js';

const tags = ['inference'];
const PRODUCTION = 'production';
const TARGET_VERSION = 'x-fairlead-target-version';
const ROUTE_KEY = 'x-fairlead-route-key';

const headers = Type.Object({
  [ROUTE_KEY]: Type.Optional(
    Type.String({ maxLength: 500, description: 'Requests with the same key go to the same version.' }),
  ),
  [TARGET_VERSION]: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Answer with this version; in test, or for the role ml-engineer.' }),
  ),
});

/** The plain JSON way to predict: rows with named columns. */
export function addPredictRoutes(app: App, serving: Pick<ServingService, 'live' | 'predict'>): void {
  const describe = (operationId: string, summary: string) => ({
    operationId,
    summary,
    tags,
    headers,
    body: PredictBodySchema,
    response: { 200: PredictAnswerSchema },
  });
  app.post(
    '/api/v1/endpoints/:name/predict',
    {
      schema: {
        ...describe('predict', 'Predict from named rows with what is live in production'),
        params: Type.Object({ name: Type.String() }),
      },
    },
    async (request, reply) => answer(serving, request, reply),
  );
  app.post(
    '/api/v1/environments/:environment/endpoints/:name/predict',
    {
      schema: {
        ...describe('predictInEnvironment', 'Predict from named rows with what is live in an environment'),
        params: Type.Object({ environment: Type.String(), name: Type.String() }),
      },
    },
    async (request, reply) => answer(serving, request, reply),
  );
  app.get(
    '/api/v1/endpoints/:name/openapi.json',
    {
      schema: {
        operationId: 'getEndpointOpenApi',
        summary: 'OpenAPI document of one endpoint, from its live signature, with an example that works',
        tags,
        params: Type.Object({ name: Type.String() }),
        querystring: Type.Object({ environment: Type.String({ default: PRODUCTION }) }),
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'endpoint:read');
      return endpointOpenApi(serving.live(request.params.name, request.query.environment));
    },
  );
}

async function answer(
  serving: Pick<ServingService, 'live' | 'predict'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const actor = actorOf(request);
  requireCan(actor, 'endpoint:invoke');
  const { name, environment = PRODUCTION } = request.params as { name: string; environment?: string };
  const { rows, ids } = request.body as { rows: InputRow[]; ids?: string[] };
  const { [ROUTE_KEY]: routeKey, [TARGET_VERSION]: target } = request.headers;
  if (target !== undefined && !mayChooseVersion(environment, actor.roles)) {
    throw servingErrors.SRV_OVERRIDE_FORBIDDEN(`${actor.id} may not choose the version in ${environment}.`, {
      data: { actor: actor.id, environment },
    });
  }
  const result = await serving.predict({
    endpoint: name,
    environment,
    requestId: request.id,
    consumer: actor.id,
    ...(typeof routeKey === 'string' && { routeKey }),
    ...(target !== undefined && { targetVersion: Number(target) }),
    isGone: () => request.raw.socket.destroyed,
    input: { kind: 'rows', rows, ...(ids !== undefined && { ids }) },
  });
  return reply
    .header('x-fairlead-model-version', String(result.version))
    .header('content-type', 'application/json; charset=utf-8')
    .send(result.text());
}
