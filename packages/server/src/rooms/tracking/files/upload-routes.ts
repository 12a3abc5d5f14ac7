import type { Readable } from 'node:stream';
import {
  BeginUploadSchema,
  CompleteUploadSchema,
  MultipartUploadSchema,
  type MultipartUploadView,
  StartedUploadSchema,
  TreeFileSchema,
  type TreeFileView,
  UploadPartSchema,
} from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, acceptRawBodies, actorOf, present, requestContext } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import type { FileTree } from '../file-types.js';

const tags = ['files'];
const UploadParams = Type.Object({ uploadId: Type.String() });
const PartParams = Type.Object({ uploadId: Type.String(), partNumber: Type.Integer() });

/** Uploads in parts: begun, sent in any order, asked about after an interruption, joined or aborted. */
export function addUploadRoutes(app: App, files: FileTree): void {
  app.post(
    '/api/v1/uploads',
    {
      schema: {
        operationId: 'beginUpload',
        summary: 'Begin an upload in parts',
        tags,
        body: BeginUploadSchema,
        response: { 201: StartedUploadSchema },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'artifact:write');
      const { path, parts } = request.body;
      return reply.code(201).send(await files.beginUpload(requestContext(request), path, parts));
    },
  );
  app.get(
    '/api/v1/uploads/:uploadId',
    {
      schema: {
        operationId: 'getUpload',
        summary: 'Which parts of an upload are there',
        tags,
        params: UploadParams,
        response: { 200: MultipartUploadSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'artifact:read');
      return present<MultipartUploadView>(await files.upload(request.params.uploadId));
    },
  );
  acceptRawBodies(app, { types: ['*'] }, (scope) => addPart(scope, files));
  addEnds(app, files);
}

function addPart(scope: App, files: FileTree): void {
  scope.put(
    '/api/v1/uploads/:uploadId/parts/:partNumber',
    {
      config: { rawBody: true },
      schema: {
        operationId: 'uploadPart',
        summary: 'Send one part: the body is its bytes; a part again replaces it',
        tags,
        params: PartParams,
        response: { 200: UploadPartSchema },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'artifact:write');
      const { uploadId, partNumber } = request.params;
      const part = await files.putPart(uploadId, partNumber, request.body as Readable);
      return reply.header('etag', `"${part.etag}"`).send({ partNumber, ...part });
    },
  );
}

function addEnds(app: App, files: FileTree): void {
  app.post(
    '/api/v1/uploads/:uploadId/complete',
    {
      schema: {
        operationId: 'completeUpload',
        summary: 'Join the parts of an upload to its file; the same again gives the same answer',
        tags,
        params: UploadParams,
        body: CompleteUploadSchema,
        response: { 200: TreeFileSchema },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'artifact:write');
      const { uploadId } = request.params;
      return present<TreeFileView>(await files.completeUpload(requestContext(request), uploadId, request.body.parts));
    },
  );
  app.delete(
    '/api/v1/uploads/:uploadId',
    {
      schema: {
        operationId: 'abortUpload',
        summary: 'Drop an upload with its parts',
        tags,
        params: UploadParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'artifact:write');
      await files.abortUpload(request.params.uploadId);
      return reply.code(204).send(null);
    },
  );
}
