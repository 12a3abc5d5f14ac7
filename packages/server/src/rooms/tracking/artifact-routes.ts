import type { Readable } from 'node:stream';
import { RunArtifactSchema } from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, acceptRawBodies, actorOf, requestContext, sendAsAttachment } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
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
      const { artifact, stream } = await tracking.openArtifact(request.params.runId, request.params['*']);
      sendAsAttachment(reply, artifact.path.split('/').at(-1) ?? 'artifact');
      return reply
        .header('x-content-type-options', 'nosniff')
        .header('content-length', artifact.sizeBytes)
        .header('etag', `"${artifact.digest}"`)
        .type('application/octet-stream')
        .send(stream);
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
