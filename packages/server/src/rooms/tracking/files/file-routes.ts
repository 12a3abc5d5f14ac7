import type { Readable } from 'node:stream';
import { TreeEntrySchema, TreeFileSchema, type TreeFileView } from '@fairlead/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import {
  type App,
  acceptRawBodies,
  actorOf,
  present,
  requestContext,
  sendStoredFile,
} from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import type { FileTree, TreeFile } from '../file-types.js';
import { trackingErrors } from '../tracking-errors.js';

const tags = ['files'];
const PathParams = Type.Object({
  '*': Type.String({ description: 'Path below the root of all, for example 0/RUN/artifacts/plots/roc.png.' }),
});

/** Answers with a file of the tree, whole or the range that was asked for. */
export function sendTreeFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { files, file }: { files: FileTree; file: TreeFile },
): Promise<FastifyReply> {
  const { path, digest, sizeBytes } = file;
  return sendStoredFile(request, reply, {
    file: { name: path.split('/').at(-1) ?? 'file', digest, sizeBytes },
    open: (range) => files.readPieces(file, range),
  });
}

/** The tree of files: what runs, logged models and clients have written. */
export function addFileRoutes(app: App, files: FileTree): void {
  app.get(
    '/api/v1/files',
    {
      schema: {
        operationId: 'listFiles',
        summary: 'List a folder of the tree of files',
        tags,
        querystring: Type.Object({
          folder: Type.String({ default: '', description: 'Path below the root of all; "" is the root.' }),
        }),
        response: { 200: Type.Object({ items: Type.Array(TreeEntrySchema) }) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'artifact:read');
      return { items: [...(await files.listFolder(request.query.folder))] };
    },
  );
  app.get(
    '/api/v1/files/*',
    { schema: { operationId: 'downloadFile', summary: 'Download a file of the tree', tags, params: PathParams } },
    async (request, reply) => {
      requireCan(actorOf(request), 'artifact:read');
      const path = request.params['*'];
      const file = await files.file(path);
      if (file === undefined) throw absent(path);
      return sendTreeFile(request, reply, { files, file });
    },
  );
  app.delete(
    '/api/v1/files/*',
    {
      schema: {
        operationId: 'removeFiles',
        summary: 'Remove a file of the tree, or a folder with everything in it',
        tags,
        params: PathParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'artifact:write');
      const path = request.params['*'];
      if (!(await files.removeFiles(requestContext(request), path))) throw absent(path);
      return reply.code(204).send(null);
    },
  );
  acceptRawBodies(app, { types: ['*'] }, (scope) => addUpload(scope, files));
}

function addUpload(scope: App, files: FileTree): void {
  scope.put(
    '/api/v1/files/*',
    {
      config: { rawBody: true },
      schema: {
        operationId: 'uploadFile',
        summary: 'Upload a file of the tree: the body is its bytes, whatever the content type',
        tags,
        params: PathParams,
        response: { 201: TreeFileSchema },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'artifact:write');
      const file = await files.putFile(requestContext(request), request.params['*'], request.body as Readable);
      return reply.code(201).send(present<TreeFileView>(file));
    },
  );
}

function absent(path: string) {
  const shown = path.slice(0, 80);
  return trackingErrors.TRK_ARTIFACT_NOT_FOUND(`There is nothing at ${JSON.stringify(shown)}.`, {
    data: { path: shown },
  });
}
