import type { FastifyRequest } from 'fastify';
import { type App, acceptWholeBodies, actorOf, createJsonParser, readWholeBody } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import { parseModelName } from '../serving-rules.js';
import type { ServingService } from '../serving-types.js';
import { isMembers, type Members, readFlag } from './infer-parameters.js';
import { badTensor } from './json-tensors.js';
import { ModelParams, oipConfig, oipTags } from './oip-words.js';
import { presentEntry, refuseContent } from './repository-words.js';

interface RepositoryRoutesDeps {
  readonly serving: Pick<ServingService, 'repository' | 'loadModel' | 'unloadModel'>;
  readonly bodyLimitBytes: number;
}

const config = { ...oipConfig, wholeBody: true };

/** POST /v2/repository/…: clients send no content type with these, and sometimes no body. */
export function addRepositoryRoutes(app: App, { serving, bodyLimitBytes }: RepositoryRoutesDeps): void {
  const parse = createJsonParser(app);
  const read = async (request: FastifyRequest): Promise<Members> => {
    const bytes = await readWholeBody(request, bodyLimitBytes);
    const body = bytes.length === 0 ? {} : parse(bytes);
    if (isMembers(body)) return body;
    throw badTensor('The request', { got: body, expected: 'an object, or nothing' });
  };
  acceptWholeBodies(app, (scope) => {
    const describe = (operationId: string, summary: string) => ({ operationId, summary, tags: oipTags });
    scope.post(
      '/v2/repository/index',
      { config, schema: describe('listOipRepository', 'Every model that can be served here, and its state') },
      async (request) => {
        requireCan(actorOf(request), 'deployment:read');
        const { ready } = await read(request);
        const onlyReady =
          readFlag('The request', ready === undefined ? {} : { ready: ready as boolean }, 'ready') ?? false;
        return (await serving.repository()).filter(({ state }) => !onlyReady || state === 'READY').map(presentEntry);
      },
    );
    const modelRoute = (verb: 'load' | 'unload', summary: string) =>
      ({
        config,
        schema: { ...describe(`${verb}OipModel`, summary), params: ModelParams },
      }) as const;
    scope.post(
      '/v2/repository/models/:model/load',
      modelRoute('load', 'Load what is routed or ready, if it is not in memory'),
      async (request) => {
        requireCan(actorOf(request), 'deployment:write');
        refuseContent(await read(request));
        await serving.loadModel(parseModelName((request.params as { model: string }).model));
        return {};
      },
    );
    scope.post(
      '/v2/repository/models/:model/unload',
      modelRoute('unload', 'Take a model that production does not need out of memory'),
      async (request) => {
        requireCan(actorOf(request), 'deployment:write');
        await read(request);
        await serving.unloadModel(actorOf(request), parseModelName((request.params as { model: string }).model));
        return {};
      },
    );
  });
}
