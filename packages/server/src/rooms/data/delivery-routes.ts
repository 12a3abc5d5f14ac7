import {
  DeliveryJobSchema,
  type DeliveryJobView,
  DeliverySchema,
  type DeliveryView,
  IngestSchema,
  QuarantinedRowSchema,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import type { Db } from '../../platform/db/index.js';
import {
  type App,
  actorOf,
  decodePageToken,
  encodePageToken,
  present,
  requestContext,
} from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { JobQueue, JobView } from '../../platform/jobs/index.js';
import { enqueueIngest } from './data-jobs.js';
import type { DataService, IngestRequest } from './data-types.js';
import { all, IdParams, listOf, NameParams, NoQuery, tags } from './route-schemas.js';

export interface DeliveryRoutesDeps {
  readonly data: DataService;
  readonly db: Db;
  readonly jobs: JobQueue;
}

const Wait = Type.Object(
  { waitMs: Type.Integer({ minimum: 0, maximum: 60_000, default: 0, description: 'Wait so long for the outcome.' }) },
  { additionalProperties: false },
);
const Page = Type.Object(
  { limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }), pageToken: Type.Optional(Type.String()) },
  { additionalProperties: false },
);

/** Taking deliveries and reading what became of them. */
export function addDeliveryRoutes(app: App, deps: DeliveryRoutesDeps): void {
  const { data, jobs } = deps;
  app.post(
    '/api/v1/datasets/:name/deliveries',
    {
      schema: {
        operationId: 'ingestDelivery',
        summary: 'Take a delivery of data',
        description: 'The work goes on in the background; ask again with getJob, or wait with waitMs.',
        tags,
        params: NameParams,
        querystring: Wait,
        body: IngestSchema,
        response: { 202: DeliveryJobSchema },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'dataset:write');
      const ingest: IngestRequest = {
        ...(request.body as Omit<IngestRequest, 'dataset'>),
        dataset: request.params.name,
      };
      await data.checkSource(ingest);
      const { jobId, deliveryId } = await enqueueIngest(deps, requestContext(request), ingest);
      const job = await jobs.waitFor(jobId, { timeoutMs: request.query.waitMs });
      return reply.code(202).send(await presentJob(data, job, deliveryId));
    },
  );
  addDeliveryReads(app, data);
}

function addDeliveryReads(app: App, data: DataService): void {
  app.get(
    '/api/v1/datasets/:name/deliveries',
    {
      schema: {
        operationId: 'listDeliveries',
        summary: 'List the deliveries of a dataset, newest first',
        tags,
        params: NameParams,
        querystring: NoQuery,
        response: { 200: listOf(DeliverySchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'dataset:read');
      return all((await data.deliveries(request.params.name)).map((one) => present<DeliveryView>(one)));
    },
  );
  app.get(
    '/api/v1/deliveries/:id',
    {
      schema: {
        operationId: 'getDelivery',
        summary: 'Get a delivery',
        tags,
        params: IdParams,
        response: { 200: DeliverySchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'dataset:read');
      return present<DeliveryView>(await data.delivery(request.params.id));
    },
  );
  app.get(
    '/api/v1/deliveries/:id/quarantine',
    {
      schema: {
        operationId: 'listQuarantine',
        summary: 'Rows of a delivery that broke the contract, with every reason',
        tags,
        params: IdParams,
        querystring: Page,
        response: { 200: listOf(QuarantinedRowSchema) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'dataset:read');
      const { limit, pageToken } = request.query;
      const offset = decodePageToken(pageToken, Type.Integer({ minimum: 0 })) ?? 0;
      const rows = await data.quarantine(request.params.id, { limit: limit + 1, offset });
      const items = rows.slice(0, limit).map((row) => ({ ...row, reasons: [...row.reasons] }));
      return { items, nextPageToken: rows.length > limit ? encodePageToken(offset + limit) : null };
    },
  );
}

async function presentJob(data: DataService, job: JobView, deliveryId: string): Promise<DeliveryJobView> {
  const delivery = job.state === 'succeeded' ? await data.delivery(deliveryId) : null;
  const versionId = delivery?.versionId ?? null;
  const error = job.state === 'failed' ? job.error : undefined;
  return present<DeliveryJobView>({
    jobId: job.id,
    deliveryId,
    state: job.state,
    progress: job.progress,
    delivery,
    version: versionId === null ? null : await data.versionById(versionId),
    error: error === undefined ? null : { code: error.code, message: error.message, remedy: error.remedy ?? '' },
  });
}
