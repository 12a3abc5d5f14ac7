import { DeclareStreamSchema, StreamSchema, type StreamView } from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, present, requestContext } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import { streamSpec } from './stream-rules.js';
import type { StreamService } from './stream-service.js';

const tags = ['serving'];
const params = Type.Object({ name: Type.String({ maxLength: 100 }) });

/** Messages of brokers that endpoints answer. */
export function streamRoutes({ streams }: { streams: StreamService }): (app: App) => Promise<void> {
  return async (app) => {
    app.get(
      '/api/v1/streams',
      {
        schema: {
          operationId: 'listStreams',
          summary: 'List the streams',
          tags,
          response: { 200: Type.Object({ items: Type.Array(StreamSchema), nextPageToken: Type.Null() }) },
        },
      },
      async (request) => {
        requireCan(actorOf(request), 'endpoint:read');
        return { items: (await streams.streams()).map(present<StreamView>), nextPageToken: null };
      },
    );
    app.get(
      '/api/v1/streams/:name',
      { schema: { operationId: 'getStream', summary: 'Get a stream', tags, params, response: { 200: StreamSchema } } },
      async (request) => {
        requireCan(actorOf(request), 'endpoint:read');
        return present<StreamView>(await streams.stream(request.params.name));
      },
    );
    app.put(
      '/api/v1/streams/:name',
      {
        schema: {
          operationId: 'declareStream',
          summary: 'Answer the messages of a broker by an endpoint, or change how',
          tags,
          params,
          body: DeclareStreamSchema,
          response: { 200: Type.Object({ stream: StreamSchema, changed: Type.Boolean() }) },
        },
      },
      async (request) => {
        requireCan(actorOf(request), 'endpoint:write');
        const spec = streamSpec(request.params.name, request.body);
        const { stream, changed } = await streams.declare(requestContext(request), spec);
        return { stream: present<StreamView>(stream), changed };
      },
    );
    app.delete(
      '/api/v1/streams/:name',
      {
        schema: {
          operationId: 'removeStream',
          summary: 'Stop answering a stream, when what has arrived is answered',
          tags,
          params,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        requireCan(actorOf(request), 'endpoint:write');
        await streams.remove(requestContext(request), request.params.name);
        return reply.code(204).send(null);
      },
    );
  };
}
