import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type App, actorOf } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { TensorSpec } from '../../platform/inference/index.js';
import { inferResponseJson, parseInferRequest } from './oip-request.js';
import { servingErrors } from './serving-errors.js';
import { mayChooseVersion, modelNameOf, parseModelName } from './serving-rules.js';
import type { LiveModel, ServingService } from './serving-types.js';

export interface OipRoutesDeps {
  readonly serving: Pick<ServingService, 'live' | 'liveEndpoints' | 'predict' | 'ready'>;
  readonly version: string;
}

const PLATFORM = 'onnx_onnxv1';
const tags = ['inference'];
const config = { errorShape: 'oip' } as const;
const ModelParams = Type.Object({ model: Type.String(), version: Type.Optional(Type.String()) });
type ModelPlace = { model: string; version?: string };

/** Open Inference Protocol v2 over REST. An endpoint's name is the model; `name@test` is the one in environment test. */
export function oipRoutes({ serving, version }: OipRoutesDeps): (app: App) => Promise<void> {
  return async (app) => {
    addServerRoutes(app, { serving, version });
    for (const [path, suffix] of [
      ['/v2/models/:model', ''],
      ['/v2/models/:model/versions/:version', 'Version'],
    ] as const) {
      const describe = (name: string, summary: string) => ({
        config,
        schema: { operationId: `${name}${suffix}`, summary, tags, params: ModelParams },
      });
      app.get(path, describe('getOipModel', 'Inputs and outputs of a model'), async (request) => {
        requireCan(actorOf(request), 'endpoint:read');
        return presentModel(request.params.model, liveOf(serving, request, request.params));
      });
      app.get(`${path}/ready`, describe('getOipModelReady', 'Whether a model can answer'), async (request) => {
        requireCan(actorOf(request), 'endpoint:read');
        liveOf(serving, request, request.params);
        return { name: request.params.model, ready: true };
      });
      app.post(
        `${path}/infer`,
        {
          ...describe('inferOip', 'Predict from tensors'),
          config: { ...config, otherContent: noBinary },
          onRequest: async (request) => refuseBinary(request),
        },
        async (request, reply) => infer(serving, request, reply),
      );
    }
  };
}

function addServerRoutes(app: App, { serving, version }: OipRoutesDeps): void {
  const describe = (operationId: string, summary: string) => ({ config, schema: { operationId, summary, tags } });
  const metadata = { name: 'fairlead', version, extensions: [] };
  app.get('/v2', describe('getOipServer', 'Server metadata'), async () => metadata);
  app.get('/v2/', { config, schema: { hide: true } }, async () => metadata);
  app.get('/v2/health/live', describe('getOipLive', 'Whether the server runs'), async () => ({ live: true }));
  app.get('/v2/health/ready', describe('getOipReady', 'Whether the server can answer'), async (_, reply) => {
    const ready = serving.ready();
    return reply.code(ready ? 200 : 503).send(ready ? { ready, live: true } : { error: 'SRV_UNAVAILABLE: not ready' });
  });
  app.get('/v2/models', describe('listOipModels', 'Names of the models'), async (request) => {
    requireCan(actorOf(request), 'endpoint:read');
    return { models: serving.liveEndpoints().map(({ endpoint, environment }) => modelNameOf(endpoint, environment)) };
  });
}

/** The model that a path names. A version outside the routing table is for those who may choose. */
function liveOf(serving: OipRoutesDeps['serving'], request: FastifyRequest, params: ModelPlace): LiveModel {
  const { endpoint, environment } = parseModelName(params.model);
  const version = params.version === undefined ? undefined : Number(params.version);
  if (version === undefined) return serving.live(endpoint, environment);
  const live = Number.isSafeInteger(version) && version > 0 ? serving.live(endpoint, environment, version) : undefined;
  const allowed = live?.versions.includes(version) || mayChooseVersion(environment, actorOf(request).roles);
  if (live !== undefined && allowed) return live;
  throw servingErrors.SRV_VERSION_NOT_FOUND(
    `Version ${params.version?.slice(0, 40)} of ${params.model} is not served.`,
  );
}

function presentModel(name: string, { deployment, inputs, outputs, versions }: LiveModel) {
  const tensor = ({ name: tensorName, datatype, shape }: TensorSpec) => ({ name: tensorName, datatype, shape });
  return {
    name,
    versions: versions.map(String),
    platform: PLATFORM,
    inputs: inputs.map(tensor),
    outputs: outputs.map(tensor),
    properties: { digest: deployment.digest, model: deployment.model },
  };
}

/** The most used client sends binary tensors unless told otherwise, so the text names what to tell it. */
function noBinary(got: string): Error {
  return servingErrors.SRV_UNSUPPORTED(
    `The body is ${got}: tensors in binary form are not offered here. Send JSON tensors (tritonclient: binary_data=False).`,
    { data: { got, expected: 'application/json' } },
  );
}

function refuseBinary({ headers }: FastifyRequest): void {
  if (headers['inference-header-content-length'] !== undefined) throw noBinary('announced by its JSON length');
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw servingErrors.SRV_UNSUPPORTED(`Content-Encoding: ${encoding.slice(0, 40)} is not offered here.`);
  }
}

async function infer(serving: OipRoutesDeps['serving'], request: FastifyRequest, reply: FastifyReply) {
  const actor = actorOf(request);
  requireCan(actor, 'endpoint:invoke');
  const params = request.params as ModelPlace;
  const live = liveOf(serving, request, params);
  const { id, tensors, outputs, rowIds } = parseInferRequest(request.body, live.inputs);
  const routeKey = request.headers['x-fairlead-route-key'];
  const result = await serving.predict({
    ...parseModelName(params.model),
    requestId: request.id,
    consumer: actor.id,
    ...(typeof routeKey === 'string' && { routeKey }),
    ...(params.version !== undefined && { targetVersion: Number(params.version) }),
    input: {
      kind: 'tensors',
      tensors,
      ...(outputs !== undefined && { outputs }),
      ...(rowIds !== undefined && { ids: rowIds }),
    },
  });
  return reply
    .header('x-fairlead-model-version', result.version)
    .type('application/json; charset=utf-8')
    .serializer((text: string) => text)
    .send(inferResponseJson(result, { name: params.model, id: id ?? request.id }));
}
