import {
  ChangeRecordSchema,
  ModelRecordSchema,
  type ModelRecordView,
  NewRecordSchema,
  NewVersionRecordSchema,
  SetStageSchema,
  StandingsSchema,
  VersionRecordSchema,
  type VersionRecordView,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import type { ModelCatalogue } from './catalogue-types.js';

const tags = ['registry'];
const ModelParams = Type.Object({ model: Type.String() });
const VersionParams = Type.Object({
  model: Type.String(),
  version: Type.String({ description: 'A number, an alias or `latest`.' }),
});
const NumberParams = Type.Object({ model: Type.String(), version: Type.Integer({ minimum: 1 }) });
const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
  pageToken: Type.Optional(Type.String()),
};
const PageQuery = Type.Object(pageQuery);
const pageOf = <T extends Parameters<typeof Type.Array>[0]>(schema: T) =>
  Type.Object({ items: Type.Array(schema), nextPageToken: Type.Union([Type.String(), Type.Null()]) });

const asModel = present<ModelRecordView>;
const asVersion = present<VersionRecordView>;

/** Models and versions of every flavour. */
export function recordRoutes({ catalogue }: { readonly catalogue: ModelCatalogue }): (app: App) => Promise<void> {
  return async (app) => {
    modelRoutes(app, catalogue);
    versionRoutes(app, catalogue);
    historyRoutes(app, catalogue);
  };
}

const describe = (operationId: string, summary: string) => ({ operationId, summary, tags });

function modelRoutes(app: App, catalogue: ModelCatalogue): void {
  app.get(
    '/api/v1/model-records',
    {
      schema: {
        ...describe('listModelRecords', 'List models of every flavour by name, page by page'),
        querystring: Type.Object({
          ...pageQuery,
          nameLike: Type.Optional(Type.String({ description: 'A pattern: % any text, _ any character.' })),
        }),
        response: { 200: pageOf(ModelRecordSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:read');
      const { limit = 100, pageToken, nameLike } = request.query;
      const page = await catalogue.searchModels({
        limit,
        ...(pageToken !== undefined && { pageToken }),
        ...(nameLike !== undefined && { where: [{ field: 'name', comparison: 'ilike', value: nameLike }] }),
      });
      return { ...page, items: page.items.map(asModel) };
    },
  );
  app.post(
    '/api/v1/model-records',
    {
      schema: {
        ...describe('createModelRecord', 'Create a model'),
        body: NewRecordSchema,
        response: { 200: ModelRecordSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:write');
      return asModel(await catalogue.createModel(requestContext(request), request.body));
    },
  );
  app.get(
    '/api/v1/model-records/:model',
    {
      schema: {
        ...describe('getModelRecord', 'Get a model with the newest version of each stage'),
        params: ModelParams,
        response: { 200: ModelRecordSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:read');
      return asModel(await catalogue.record(request.params.model));
    },
  );
  app.patch(
    '/api/v1/model-records/:model',
    {
      schema: {
        ...describe('changeModelRecord', 'Rename a model, or change its description and tags'),
        params: ModelParams,
        body: ChangeRecordSchema,
        response: { 200: ModelRecordSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:write');
      const { name, ...change } = request.body;
      const context = requestContext(request);
      const { model } = request.params;
      const changed = Object.keys(change).length > 0 || name === undefined;
      const record = changed ? await catalogue.updateModel(context, model, change) : undefined;
      return asModel(
        name === undefined && record ? record : await catalogue.renameModel(context, model, name ?? model),
      );
    },
  );
  app.delete(
    '/api/v1/model-records/:model',
    {
      schema: {
        ...describe('deleteModelRecord', 'Delete a model with its versions; its name is free again'),
        params: ModelParams,
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'model:write');
      await catalogue.deleteModel(requestContext(request), request.params.model);
      return reply.status(204).send();
    },
  );
}

function versionRoutes(app: App, catalogue: ModelCatalogue): void {
  app.get(
    '/api/v1/model-records/:model/versions',
    {
      schema: {
        ...describe('listVersionRecords', 'List the versions of a model, newest first, page by page'),
        params: ModelParams,
        querystring: PageQuery,
        response: { 200: pageOf(VersionRecordSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:read');
      const { name } = await catalogue.record(request.params.model);
      const { limit = 100, pageToken } = request.query;
      const where = [{ field: 'name', comparison: '=', value: name }] as const;
      const page = await catalogue.searchVersions({ limit, where, ...(pageToken !== undefined && { pageToken }) });
      return { ...page, items: page.items.map(asVersion) };
    },
  );
  app.post(
    '/api/v1/model-records/:model/versions',
    {
      schema: {
        ...describe('createVersionRecord', 'Register files, a logged model or a copy as the next version'),
        params: ModelParams,
        headers: Type.Object({ 'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 200 })) }),
        body: NewVersionRecordSchema,
        response: { 200: VersionRecordSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:write');
      const retryKey = request.headers['idempotency-key'];
      const asked = { ...request.body, model: request.params.model, ...(retryKey !== undefined && { retryKey }) };
      return asVersion(await catalogue.createVersion(requestContext(request), asked));
    },
  );
  app.get(
    '/api/v1/model-records/:model/versions/:version',
    {
      schema: {
        ...describe('getVersionRecord', 'Get a version of any flavour by number, alias or `latest`'),
        params: VersionParams,
        response: { 200: VersionRecordSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:read');
      return asVersion(await catalogue.versionRecord(request.params.model, request.params.version));
    },
  );
  app.delete(
    '/api/v1/model-records/:model/versions/:version',
    {
      schema: {
        ...describe('deleteVersionRecord', 'Delete a version; its number is never used again'),
        params: NumberParams,
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'model:write');
      await catalogue.deleteVersion(requestContext(request), request.params.model, request.params.version);
      return reply.status(204).send();
    },
  );
  app.put(
    '/api/v1/model-records/:model/versions/:version/stage',
    {
      schema: {
        ...describe('setVersionStage', 'Move a version to a stage'),
        params: NumberParams,
        body: SetStageSchema,
        response: { 200: VersionRecordSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:write');
      const { model, version } = request.params;
      const { stage, archiveExisting = false } = request.body;
      return asVersion(await catalogue.setStage(requestContext(request), model, version, stage, { archiveExisting }));
    },
  );
  app.post(
    '/api/v1/model-records/:model/versions/:version/examination',
    {
      schema: {
        ...describe('examineVersion', 'Read the files of a version again, to find out whether it can be served'),
        params: NumberParams,
        response: { 200: VersionRecordSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:write');
      const { model, version } = request.params;
      return asVersion(await catalogue.examine(requestContext(request), model, version));
    },
  );
}

function historyRoutes(app: App, catalogue: ModelCatalogue): void {
  app.get(
    '/api/v1/model-records/:model/history',
    {
      schema: {
        ...describe(
          'getModelHistory',
          'Every stage change and alias move of a model, oldest first; of deleted ones too',
        ),
        params: ModelParams,
        response: { 200: StandingsSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:read');
      return { items: [...(await catalogue.history(request.params.model))] };
    },
  );
  app.get(
    '/api/v1/model-records/:model/standing',
    {
      schema: {
        ...describe('getStandingVersions', 'Which versions stood at an alias or in a stage at a moment'),
        params: ModelParams,
        querystring: Type.Object({
          name: Type.String({ minLength: 1, description: 'An alias, or None, Staging, Production, Archived.' }),
          atMs: Type.Integer({ minimum: 0, description: 'Milliseconds since the Unix epoch, UTC.' }),
        }),
        response: { 200: Type.Object({ items: Type.Array(VersionRecordSchema) }) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'model:read');
      const { name, atMs } = request.query;
      return { items: (await catalogue.standingAt(request.params.model, name, atMs)).map(asVersion) };
    },
  );
}
