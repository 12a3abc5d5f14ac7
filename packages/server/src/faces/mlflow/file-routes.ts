import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type App, acceptRawBodies, actorOf, requestContext, sendStoredFile } from '../../platform/http/index.js';
import { type Action, requireCan } from '../../platform/identity/index.js';
import { pathBelow, presentEntry, readFolder } from './artifact-calls.js';
import { guessContentType } from './guess-content-type.js';
import { mlflowErrors } from './mlflow-errors.js';
import { CALL_PREFIXES, FILE_PREFIXES, hidden } from './mlflow-protocol.js';
import type { MlflowRooms } from './mlflow-rooms.js';
import { Fields } from './read-fields.js';
import { readRunId } from './read-run.js';
import { unlessEmpty } from './wire.js';

/** Of a file that a web page sends; everything else is sent to the proxy, which has no limit. */
const MAX_PAGE_UPLOAD_BYTES = 10 * 1024 * 1024;

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Bytes of files: the artifact proxy that clients write and read, and the addresses that MLflow's web UI reads. */
export function addFileRoutes(app: App, rooms: MlflowRooms): void {
  const { files } = rooms.tracking;
  for (const prefix of FILE_PREFIXES) {
    app.get(
      `${prefix}/artifacts`,
      hidden,
      guarded('artifact:read', async (request) => {
        const entries = await files.listFolder(readFolder(queryOf(request), 'path'));
        return { files: unlessEmpty(entries.map((entry) => presentEntry(entry))) };
      }),
    );
    app.get(
      `${prefix}/artifacts/*`,
      hidden,
      guarded('artifact:read', async (request, reply) => sendFile(rooms, { request, reply, path: pathOf(request) })),
    );
    app.delete(
      `${prefix}/artifacts/*`,
      hidden,
      guarded('artifact:write', async (request) => {
        await files.removeFiles(requestContext(request), pathOf(request));
        return {};
      }),
    );
    acceptRawBodies(app, { types: ['*'] }, (scope) => {
      scope.put(
        `${prefix}/artifacts/*`,
        { ...hidden, config: { rawBody: true } },
        guarded('artifact:write', async (request) => {
          await files.putFile(requestContext(request), pathOf(request), request.body as Readable);
          return {};
        }),
      );
    });
  }
  addPageRoutes(app, rooms);
}

/** What MLflow's web UI asks for by run and by model instead of by place. */
function addPageRoutes(app: App, rooms: MlflowRooms): void {
  const { tracking } = rooms;
  app.get(
    '/get-artifact',
    hidden,
    guarded('artifact:read', async (request, reply) => {
      const fields = queryOf(request);
      const path = await tracking.artifactPath(readRunId(fields), fields.neededText('path'));
      return sendFile(rooms, { request, reply, path });
    }),
  );
  app.get(
    '/model-versions/get-artifact',
    hidden,
    guarded('artifact:read', async (request, reply) => {
      const fields = queryOf(request);
      const [name, version] = [fields.neededText('name'), fields.neededWhole('version', { min: 1 })];
      const { filesRoot } = await rooms.catalogue.versionRecord(name, version);
      return sendFile(rooms, { request, reply, path: pathBelow(filesRoot, fields.neededText('path')) });
    }),
  );
  for (const prefix of CALL_PREFIXES) {
    app.get(
      `${prefix}/logged-models/:model_id/artifacts/files`,
      hidden,
      guarded('artifact:read', async (request, reply) => {
        const path = queryOf(request).neededText('artifact_file_path');
        const { artifactRoot } = await tracking.loggedModels.loggedModel(
          (request.params as { model_id: string }).model_id,
        );
        return sendFile(rooms, { request, reply, path: pathBelow(artifactRoot, path) });
      }),
    );
    acceptRawBodies(app, { types: ['*'], limitBytes: MAX_PAGE_UPLOAD_BYTES }, (scope) => {
      scope.post(
        `${prefix}/upload-artifact`,
        { ...hidden, config: { rawBody: true } },
        guarded('artifact:write', async (request) => {
          const fields = queryOf(request);
          const path = await tracking.artifactPath(readRunId(fields), fields.neededText('path'));
          await tracking.files.putFile(requestContext(request), path, request.body as Readable);
          return {};
        }),
      );
    });
  }
}

function guarded(may: Action, handler: Handler): Handler {
  return async (request, reply) => {
    requireCan(actorOf(request), may);
    return handler(request, reply);
  };
}

function queryOf(request: FastifyRequest): Fields {
  return new Fields(request.query as Record<string, unknown>);
}

/** The router took the percent-encoding off once; the tree of files judges what is left. */
export function pathOf(request: FastifyRequest): string {
  return (request.params as { '*': string })['*'];
}

/** A file, or 404: clients send anything above 500 again for minutes. */
async function sendFile(
  { tracking: { files } }: MlflowRooms,
  { request, reply, path }: { request: FastifyRequest; reply: FastifyReply; path: string },
): Promise<FastifyReply> {
  const file = await files.file(path);
  if (file === undefined) {
    throw mlflowErrors.MLF_FILE_NOT_FOUND(`There is no file ${path.slice(0, 200)}.`, {
      data: { path: path.slice(0, 200) },
    });
  }
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return sendStoredFile(request, reply, {
    file: { name, digest: file.digest, sizeBytes: file.sizeBytes, type: guessContentType(name) },
    open: (range) => files.readPieces(file, range),
  });
}
