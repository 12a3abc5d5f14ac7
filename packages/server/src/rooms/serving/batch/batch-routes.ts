import { BatchSchema, type BatchView, NewBatchSchema } from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import type { Batch, BatchService } from './batch-service.js';
import type { BatchResult } from './batch-types.js';

const tags = ['serving'];
const params = Type.Object({ id: Type.String({ maxLength: 100 }) });

/** Files that are answered by a model, as jobs of this server. */
export function batchRoutes({ batches }: { batches: BatchService }): (app: App) => Promise<void> {
  return async (app) => {
    app.post(
      '/api/v1/batches',
      {
        schema: {
          operationId: 'startBatch',
          summary: 'Answer every row of a file by an endpoint or a model version',
          description:
            'Paths are of the server’s machine. Which version answers is decided now. The output appears when it is whole; a batch that was interrupted goes on where it was when the same is asked again.',
          tags,
          body: NewBatchSchema,
          response: { 202: BatchSchema },
        },
      },
      async (request, reply) => {
        requireCan(actorOf(request), 'batch:write');
        reply.code(202);
        return present<BatchView>(viewOf(await batches.start(requestContext(request), request.body)));
      },
    );
    app.get(
      '/api/v1/batches',
      {
        schema: {
          operationId: 'listBatches',
          summary: 'List the batches, newest first',
          tags,
          response: { 200: Type.Object({ items: Type.Array(BatchSchema), nextPageToken: Type.Null() }) },
        },
      },
      async (request) => {
        requireCan(actorOf(request), 'batch:read');
        const items = (await batches.batches()).map((batch) => present<BatchView>(viewOf(batch)));
        return { items, nextPageToken: null };
      },
    );
    app.get(
      '/api/v1/batches/:id',
      { schema: { operationId: 'getBatch', summary: 'Get a batch', tags, params, response: { 200: BatchSchema } } },
      async (request) => {
        requireCan(actorOf(request), 'batch:read');
        return present<BatchView>(viewOf(await batches.batch(request.params.id)));
      },
    );
    app.post(
      '/api/v1/batches/:id/cancel',
      {
        schema: {
          operationId: 'cancelBatch',
          summary: 'Stop a batch; the same batch goes on later where it was',
          tags,
          params,
          response: { 200: BatchSchema },
        },
      },
      async (request) => {
        requireCan(actorOf(request), 'batch:write');
        return present<BatchView>(viewOf(await batches.cancel(requestContext(request), request.params.id)));
      },
    );
  };
}

function viewOf({ request, target, job }: Batch) {
  const { id, state, progress, error, createdAtMs, startedAtMs, finishedAtMs } = job;
  return {
    ...{ id, state, progress, request, target, createdAtMs },
    result: (job.result as unknown as BatchResult | undefined) ?? null,
    ...(error !== undefined && { error }),
    ...(startedAtMs !== undefined && { startedAtMs }),
    ...(finishedAtMs !== undefined && { finishedAtMs }),
  };
}
