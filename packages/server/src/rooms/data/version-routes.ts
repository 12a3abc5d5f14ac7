import {
  DatasetVersionSchema,
  type DatasetVersionView,
  RowsSchema,
  TableProfileSchema,
  type TableProfileView,
} from '@fairlead/contracts';
import { toRows } from '@fairlead/frame';
import { Type } from 'typebox';
import { type App, actorOf, present } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { DataService } from './data-types.js';
import { all, listOf, NameParams, NoQuery, tags, VersionParams } from './route-schemas.js';

const Preview = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
    where: Type.Optional(Type.String({ minLength: 1, maxLength: 4000, description: 'An SQL condition over the row.' })),
    columns: Type.Optional(Type.Array(Type.String(), { description: 'Absent: all, the label last.' })),
  },
  { additionalProperties: false },
);

/** Versions, their rows and their profiles. */
export function addVersionRoutes(app: App, data: DataService): void {
  app.get(
    '/api/v1/datasets/:name/versions',
    {
      schema: {
        operationId: 'listDatasetVersions',
        summary: 'List the versions of a dataset, newest first',
        tags,
        params: NameParams,
        querystring: NoQuery,
        response: { 200: listOf(DatasetVersionSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'dataset:read');
      return all((await data.versions(request.params.name)).map((one) => present<DatasetVersionView>(one)));
    },
  );
  app.get(
    '/api/v1/datasets/:name/versions/:version',
    {
      schema: {
        operationId: 'getDatasetVersion',
        summary: 'Get a version by id, number or `latest`',
        tags,
        params: VersionParams,
        response: { 200: DatasetVersionSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'dataset:read');
      return present<DatasetVersionView>(await data.version(request.params.name, request.params.version));
    },
  );
  app.get(
    '/api/v1/datasets/:name/versions/:version/rows',
    {
      schema: {
        operationId: 'previewDatasetRows',
        summary: 'The first rows of a version, with the label',
        tags,
        params: VersionParams,
        querystring: Preview,
        response: { 200: RowsSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'dataset:read');
      const { limit, where, columns } = request.query;
      const version = await data.version(request.params.name, request.params.version);
      const table = await data.readVersion(version.id, {
        limit,
        ...(where === undefined ? {} : { where }),
        ...(columns === undefined ? {} : { columns }),
      });
      return { columns: [...table.columns.keys()], items: toRows(table).map((row) => ({ ...row })) };
    },
  );
  app.get(
    '/api/v1/datasets/:name/versions/:version/profile',
    {
      schema: {
        operationId: 'getDatasetProfile',
        summary: 'The profile of a version',
        tags,
        params: VersionParams,
        response: { 200: TableProfileSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'dataset:read');
      const { id } = await data.version(request.params.name, request.params.version);
      return present<TableProfileView>((await data.profile({ versionId: id })) as TableProfileView);
    },
  );
}
