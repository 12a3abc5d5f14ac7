import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { type App, acceptRawBodies, actorOf, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import { pathOf } from './file-routes.js';
import { FILE_PREFIXES, hidden } from './mlflow-protocol.js';
import type { MlflowRooms } from './mlflow-rooms.js';
import { Fields } from './read-fields.js';

type ReadBody = (body: unknown) => Record<string, unknown>;

/**
 * Uploads in parts, as clients know them from S3: they ask for addresses, put the parts there, and have them joined. Our
 * addresses are this server's own, and an upload that broke off goes on where it was.
 */
export function addUploadRoutes(app: App, rooms: MlflowRooms, readBody: ReadBody): void {
  const { files } = rooms.tracking;
  for (const prefix of FILE_PREFIXES) {
    app.post(`${prefix}/mpu/create/*`, hidden, async (request) => {
      requireCan(actorOf(request), 'artifact:write');
      const fields = fieldsOf(request, readBody);
      const parts = fields.whole('num_parts', { min: 1 }) ?? 1;
      const { uploadId } = await files.beginUpload(requestContext(request), destination(request, fields), parts);
      const address = `${rooms.publicUrl?.replace(/\/+$/, '') ?? `${request.protocol}://${request.host}`}${prefix}/mpu/parts/${uploadId}`;
      return { upload_id: uploadId, credentials: credentials(request, address, parts) };
    });
    app.post(`${prefix}/mpu/complete/*`, hidden, async (request) => {
      requireCan(actorOf(request), 'artifact:write');
      const fields = fieldsOf(request, readBody);
      const parts = fields.items('parts').map((part) => ({
        partNumber: part.neededWhole('part_number', { min: 1 }),
        etag: part.neededText('etag').replace(/^"(.*)"$/, '$1'),
      }));
      await files.completeUpload(requestContext(request), fields.neededText('upload_id'), parts);
      return {};
    });
    app.post(`${prefix}/mpu/abort/*`, hidden, async (request) => {
      requireCan(actorOf(request), 'artifact:write');
      await files.abortUpload(fieldsOf(request, readBody).neededText('upload_id'));
      return {};
    });
    acceptRawBodies(app, { types: ['*'] }, (scope) => {
      const url = `${prefix}/mpu/parts/:upload_id/:part_number`;
      scope.put(url, { ...hidden, config: { rawBody: true } }, async (request, reply) => {
        requireCan(actorOf(request), 'artifact:write');
        const fields = new Fields(request.params as Record<string, unknown>);
        const [uploadId, part] = [fields.neededText('upload_id'), fields.neededWhole('part_number', { min: 1 })];
        const { etag } = await files.putPart(uploadId, part, request.body as Readable);
        return reply.header('etag', `"${etag}"`).send({});
      });
    });
  }
}

function fieldsOf(request: FastifyRequest, readBody: ReadBody): Fields {
  return new Fields(readBody(request.body));
}

/** The address names the folder, the body the file on the client's disk: only its last part matters here. */
function destination(request: FastifyRequest, fields: Fields): string {
  const file = fields.neededText('path');
  return `${pathOf(request)}/${file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)}`;
}

/** Clients put parts without their own credentials, with the headers given here: the caller's own, back to the caller. */
function credentials(request: FastifyRequest, address: string, parts: number): object[] {
  const { authorization } = request.headers;
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  return Array.from({ length: parts }, (_, index) => ({
    url: `${address}/${index + 1}`,
    part_number: index + 1,
    headers,
  }));
}
