import {
  AliasHistorySchema,
  ModelSchema,
  ModelVersionSchema,
  type ModelVersionView,
  type ModelView,
  SetAliasSchema,
  SetTagsSchema,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext, sendStoredFile } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import { addCardRoutes } from './card/card-routes.js';
import { registryErrors } from './registry-errors.js';
import type { RegistryService } from './registry-types.js';

const tags = ['registry'];
const ModelParams = Type.Object({ model: Type.String() });
const VersionParams = Type.Object({
  model: Type.String(),
  version: Type.String({ description: 'A number, an alias or `latest`.' }),
});
const NumberParams = Type.Object({ model: Type.String(), version: Type.Integer({ minimum: 1 }) });
const AliasParams = Type.Object({ model: Type.String(), alias: Type.String() });
const items = <T extends Parameters<typeof Type.Array>[0]>(schema: T) => Type.Object({ items: Type.Array(schema) });

export interface RegistryRoutesDeps {
  readonly registry: RegistryService;
  readonly objects: ObjectStore;
}

export function registryRoutes({ registry, objects }: RegistryRoutesDeps): (app: App) => Promise<void> {
  return async (app) => {
    readRoutes(app, registry);
    writeRoutes(app, registry);
    addCardRoutes(app, registry);
    app.get(
      '/api/v1/models/:model/versions/:version/files/*',
      { schema: { operationId: 'downloadModelFile', summary: 'Download a file of a model version', tags } },
      async (request, reply) => {
        requireCan(actorOf(request), 'model:read');
        const { model, version, '*': path } = request.params as { model: string; version: string; '*': string };
        const found = await registry.version(model, version);
        const file = found.files.find((candidate) => candidate.path === path);
        if (file === undefined) {
          throw registryErrors.REG_VERSION_NOT_FOUND(`Version ${found.version} of '${model}' has no file '${path}'.`, {
            data: { files: found.files.map((candidate) => candidate.path) },
          });
        }
        const { digest, sizeBytes } = file;
        return sendStoredFile(request, reply, {
          file: { name: `${model}-${found.version}-${path.replaceAll('/', '-')}`, digest, sizeBytes },
          open: (range) => objects.readPieces(digest, range),
        });
      },
    );
  };
}

function readRoutes(app: App, registry: RegistryService): void {
  app.get(
    '/api/v1/models',
    { schema: { operationId: 'listModels', summary: 'List the models', tags, response: { 200: items(ModelSchema) } } },
    async (request) => {
      requireCan(actorOf(request), 'model:read');
      return { items: (await registry.models()).map(present<ModelView>) };
    },
  );
  app.get(
    '/api/v1/models/:model',
    {
      schema: {
        operationId: 'getModel',
        summary: 'Get a model',
        tags,
        params: ModelParams,
        response: { 200: ModelSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:read');
      return present<ModelView>(await registry.model(request.params.model));
    },
  );
  app.get(
    '/api/v1/models/:model/versions',
    {
      schema: {
        operationId: 'listModelVersions',
        summary: 'List the versions of a model, newest first',
        tags,
        params: ModelParams,
        response: { 200: items(ModelVersionSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:read');
      return { items: (await registry.versions(request.params.model)).map(present<ModelVersionView>) };
    },
  );
  app.get(
    '/api/v1/models/:model/versions/:version',
    {
      schema: {
        operationId: 'getModelVersion',
        summary: 'Get a model version by number, alias or `latest`',
        tags,
        params: VersionParams,
        response: { 200: ModelVersionSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:read');
      return present<ModelVersionView>(await registry.version(request.params.model, request.params.version));
    },
  );
  app.get(
    '/api/v1/models/:model/alias-history',
    {
      schema: {
        operationId: 'listAliasHistory',
        summary: 'Which version an alias pointed at, and when',
        tags,
        params: ModelParams,
        response: { 200: AliasHistorySchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:read');
      return { items: await registry.aliasHistory(request.params.model) };
    },
  );
}

function writeRoutes(app: App, registry: RegistryService): void {
  app.put(
    '/api/v1/models/:model/aliases/:alias',
    {
      schema: {
        operationId: 'setModelAlias',
        summary: 'Point an alias at a version',
        tags,
        params: AliasParams,
        body: SetAliasSchema,
        response: { 200: ModelSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:write');
      const { model, alias } = request.params;
      await registry.setAlias(requestContext(request), model, { name: alias, version: request.body.version });
      return present<ModelView>(await registry.model(model));
    },
  );
  app.delete(
    '/api/v1/models/:model/aliases/:alias',
    {
      schema: {
        operationId: 'removeModelAlias',
        summary: 'Remove an alias',
        tags,
        params: AliasParams,
        response: { 200: ModelSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:write');
      await registry.removeAlias(requestContext(request), request.params.model, request.params.alias);
      return present<ModelView>(await registry.model(request.params.model));
    },
  );
  app.patch(
    '/api/v1/models/:model/versions/:version/tags',
    {
      schema: {
        operationId: 'setModelVersionTags',
        summary: 'Set or remove tags of a model version',
        tags,
        params: NumberParams,
        body: SetTagsSchema,
        response: { 200: ModelVersionSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:write');
      const { model, version } = request.params;
      return present<ModelVersionView>(
        await registry.setTags(requestContext(request), model, { version, tags: request.body.tags }),
      );
    },
  );
}
