import { type App, actorOf } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import { modelNameOf } from '../serving-rules.js';
import type { InferenceService } from '../serving-types.js';
import { addInferRoutes } from './infer-routes.js';
import { liveOf, presentModel } from './model-place.js';
import { EXTENSIONS, ModelParams, oipConfig, oipTags, SERVER_NAME } from './oip-words.js';
import { addRepositoryRoutes } from './repository-routes.js';
import { addStatisticsRoutes } from './statistics-routes.js';

export interface OipRoutesDeps {
  readonly serving: InferenceService;
  readonly version: string;
  /** Largest body of a request whose encoding was undone. Default 64 MiB. */
  readonly bodyLimitBytes?: number;
}

/** Open Inference Protocol v2 over REST. An endpoint's name is the model; `name@test` is the one in environment test. */
export function oipRoutes({ serving, version, bodyLimitBytes = 2 ** 26 }: OipRoutesDeps): (app: App) => Promise<void> {
  return async (app) => {
    addServerRoutes(app, { serving, version });
    for (const [path, suffix] of [
      ['/v2/models/:model', ''],
      ['/v2/models/:model/versions/:version', 'Version'],
    ] as const) {
      const describe = (name: string, summary: string) => ({
        config: oipConfig,
        schema: { operationId: `${name}${suffix}`, summary, tags: oipTags, params: ModelParams },
      });
      app.get(path, describe('getOipModel', 'Inputs and outputs of a model'), async (request) => {
        requireCan(actorOf(request), 'endpoint:read');
        const live = liveOf(serving, actorOf(request), request.params);
        const { digest, model } = live.deployment;
        return { ...presentModel(request.params.model, live), properties: { digest, model } };
      });
      app.get(`${path}/ready`, describe('getOipModelReady', 'Whether a model can answer'), async (request) => {
        requireCan(actorOf(request), 'endpoint:read');
        liveOf(serving, actorOf(request), request.params);
        return { name: request.params.model, ready: true };
      });
    }
    addStatisticsRoutes(app, serving);
    addInferRoutes(app, { serving, bodyLimitBytes });
    addRepositoryRoutes(app, { serving, bodyLimitBytes });
  };
}

function addServerRoutes(app: App, { serving, version }: OipRoutesDeps): void {
  const describe = (operationId: string, summary: string) => ({
    config: oipConfig,
    schema: { operationId, summary, tags: oipTags },
  });
  // Orchestrators have no token, and this tells nothing but that the server runs.
  const open = (operationId: string, summary: string) => ({
    ...describe(operationId, summary),
    config: { ...oipConfig, public: true },
  });
  const metadata = { name: SERVER_NAME, version, extensions: EXTENSIONS };
  app.get('/v2', describe('getOipServer', 'Server metadata'), async () => metadata);
  app.get('/v2/', { config: oipConfig, schema: { hide: true } }, async () => metadata);
  app.get('/v2/health/live', open('getOipLive', 'Whether the server runs'), async () => ({ live: true }));
  app.get('/v2/health/ready', open('getOipReady', 'Whether the server can answer'), async (_, reply) => {
    const ready = serving.ready();
    return reply.code(ready ? 200 : 503).send(ready ? { ready, live: true } : { error: 'SRV_UNAVAILABLE: not ready' });
  });
  app.get('/v2/models', describe('listOipModels', 'Names of the models'), async (request) => {
    requireCan(actorOf(request), 'endpoint:read');
    return { models: serving.liveEndpoints().map(({ endpoint, environment }) => modelNameOf(endpoint, environment)) };
  });
}
