import type { Readable } from 'node:stream';
import { UploadSchema } from '@fairlead/contracts';
import { type App, acceptRawBodies, actorOf } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { DataService } from './data-types.js';
import { NameParams, tags } from './route-schemas.js';

const TYPES = ['text/csv', 'application/x-ndjson', 'application/vnd.apache.parquet', 'application/octet-stream'];

/** Bytes up as a stream, straight into the object store. */
export function addUploadRoutes(app: App, data: DataService): void {
  acceptRawBodies(app, { types: TYPES }, (scope) => {
    scope.post(
      '/api/v1/datasets/:name/uploads',
      {
        config: { rawBody: true },
        schema: {
          operationId: 'uploadDataFile',
          summary: 'Upload a CSV, JSON-lines or Parquet file to ingest afterwards',
          tags,
          consumes: TYPES,
          params: NameParams,
          response: { 201: UploadSchema },
        },
      },
      async (request, reply) => {
        requireCan(actorOf(request), 'dataset:write');
        await data.get(request.params.name);
        const stored = await data.upload((request.body as Readable | null) ?? NOTHING);
        return reply.code(201).send(stored);
      },
    );
  });
}

const NOTHING: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {
    yield new Uint8Array();
  },
};
