import type { Readable } from 'node:stream';
import { RunArtifactSchema } from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, acceptRawBodies, actorOf, requestContext } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import { sendTreeFile } from './files/file-routes.js';
import { trackingErrors } from './tracking-errors.js';
import type { TrackingService } from './tracking-types.js';

const tags = ['tracking'];
const RunParams = Type.Object({ runId: Type.String() });
const FileParams = Type.Object({
  runId: Type.String(),
  '*': Type.String({ description: 'Relative path of the file within the run, for example plots/roc.png.' }),
});

/** Files of runs: bytes up as a stream, bytes down as an attachment that no browser opens. */
export function addArtifactRoutes(app: App, tracking: TrackingService): void {
  app.get(
    '/api/v1/runs/:runId/artifacts',
    {
      schema: {
        operationId: 'listRunArtifacts',
        summary: 'List the files of a run',
        tags,
        params: RunParams,
        response: { 200: Type.Object({ items: Type.Array(RunArtifactSchema) }) },
      },
    },
    async (request) => {
      requireCan(actorOf(request), 'artifact:read');
      return { items: await tracking.artifacts(request.params.runId) };
    },
  );
  app.get(
    '/api/v1/runs/:runId/artifacts/*',
    { schema: { operationId: 'downloadRunArtifact', summary: 'Download a file of a run', tags, params: FileParams } },
    async (request, reply) => {
      requireCan(actorOf(request), 'artifact:read');
      const { runId, '*': path } = request.params;
      const at = await tracking.artifactPath(runId, path);
      const file = await tracking.files.file(at);
      if (file === undefined) {
        throw trackingErrors.TRK_ARTIFACT_NOT_FOUND(`Run ${runId} has no artifact "${path}".`, {
          data: { runId, path },
        });
      }
      return sendTreeFile(request, reply, { files: tracking.files, file });
    },
  );
  app.delete(
    '/api/v1/runs/:runId/artifacts/*',
    {
      schema: {
        operationId: 'removeRunArtifacts',
        summary: 'Remove a file of a run, or a folder with everything in it',
        tags,
        params: FileParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      requireCan(actorOf(request), 'artifact:write');
      await tracking.removeArtifacts(requestContext(request), request.params.runId, request.params['*']);
      return reply.code(204).send(null);
    },
  );
  acceptRawBodies(app, { types: ['*'] }, (scope) => {
    scope.put(
      '/api/v1/runs/:runId/artifacts/*',
      {
        config: { rawBody: true },
        schema: {
          operationId: 'uploadRunArtifact',
          summary: 'Upload a file of a run: the body is its bytes, whatever the content type',
          tags,
          params: FileParams,
          response: { 201: RunArtifactSchema },
        },
      },
      async (request, reply) => {
        requireCan(actorOf(request), 'artifact:write');
        const bytes = (request.body as Readable | null) ?? new Uint8Array();
        const { runId, '*': path } = request.params;
        return reply.code(201).send(await tracking.putArtifact(requestContext(request), runId, { path, bytes }));
      },
    );
  });
}
