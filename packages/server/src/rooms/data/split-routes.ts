import {
  SplitSchema,
  SplitSpecSchema,
  type SplitView,
  TableProfileSchema,
  type TableProfileView,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { DataService, SplitSpec } from './data-types.js';
import { all, IdParams, listOf, NoQuery, tags, VersionParams } from './route-schemas.js';

/** Splits of versions and the profiles of their parts. */
export function addSplitRoutes(app: App, data: DataService): void {
  app.post(
    '/api/v1/datasets/:name/versions/:version/splits',
    {
      schema: {
        operationId: 'createSplit',
        summary: 'Split a version into parts by time, at random or by group',
        tags,
        params: VersionParams,
        body: SplitSpecSchema,
        response: { 201: SplitSchema },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'dataset:write');
      const { id } = await data.version(request.params.name, request.params.version);
      const split = await data.split(requestContext(request), id, request.body as SplitSpec);
      return reply.code(201).send(present<SplitView>(split));
    },
  );
  app.get(
    '/api/v1/datasets/:name/versions/:version/splits',
    {
      schema: {
        operationId: 'listSplits',
        summary: 'List the splits of a version, newest first',
        tags,
        params: VersionParams,
        querystring: NoQuery,
        response: { 200: listOf(SplitSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'dataset:read');
      const { id } = await data.version(request.params.name, request.params.version);
      return all((await data.splits(id)).map((split) => present<SplitView>(split)));
    },
  );
  app.get(
    '/api/v1/splits/:id',
    {
      schema: {
        operationId: 'getSplit',
        summary: 'Get a split',
        tags,
        params: IdParams,
        response: { 200: SplitSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'dataset:read');
      return present<SplitView>(await data.splitById(request.params.id));
    },
  );
  app.get(
    '/api/v1/splits/:id/parts/:part/profile',
    {
      schema: {
        operationId: 'getSplitProfile',
        summary: 'The profile of one part of a split',
        tags,
        params: Type.Object({ id: Type.String({ maxLength: 100 }), part: Type.String({ maxLength: 100 }) }),
        response: { 200: TableProfileSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'dataset:read');
      const { id: splitId, part } = request.params;
      return present<TableProfileView>((await data.profile({ splitId, part })) as TableProfileView);
    },
  );
}
