import { DatasetSchema, DatasetSpecSchema, type DatasetView } from '@fairlead/contracts';
import { type App, actorOf, present, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { DataService, DatasetSpec } from './data-types.js';
import { all, listOf, NameParams, NoQuery, tags } from './route-schemas.js';

/** Declaring, listing and reading datasets. */
export function addDatasetRoutes(app: App, data: DataService): void {
  app.put(
    '/api/v1/datasets/:name',
    {
      schema: {
        operationId: 'declareDataset',
        summary: 'Declare a dataset or change its contract',
        tags,
        params: NameParams,
        body: DatasetSpecSchema,
        response: { 200: DatasetSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'dataset:write');
      const spec = request.body as DatasetSpec;
      const { dataset } = await data.declare(requestContext(request), request.params.name, spec);
      return present<DatasetView>(dataset);
    },
  );
  app.get(
    '/api/v1/datasets',
    {
      schema: {
        operationId: 'listDatasets',
        summary: 'List the datasets by name',
        tags,
        querystring: NoQuery,
        response: { 200: listOf(DatasetSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'dataset:read');
      return all((await data.list()).map((dataset) => present<DatasetView>(dataset)));
    },
  );
  app.get(
    '/api/v1/datasets/:name',
    {
      schema: {
        operationId: 'getDataset',
        summary: 'Get a dataset',
        tags,
        params: NameParams,
        response: { 200: DatasetSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'dataset:read');
      return present<DatasetView>(await data.get(request.params.name));
    },
  );
}
