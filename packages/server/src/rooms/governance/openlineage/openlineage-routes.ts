import { LineageEventsSchema, LineageReceivedSchema } from '@fairlead/contracts';
import { Type } from 'typebox';
import { type App, actorOf, decodePageToken, encodePageToken, requestContext } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import { runIdOf } from './openlineage-names.js';
import type { OpenLineageService } from './openlineage-service.js';

const tags = ['lineage'];
const BODY_LIMIT_BYTES = 8 * 2 ** 20;
const Text = Type.String({ minLength: 1, maxLength: 4_000 });
const PageKey = Type.Object({ receivedAtMs: Type.Integer(), id: Type.String() });
const EventQuerySchema = Type.Object(
  {
    runId: Type.Optional(Type.String({ pattern: '^[0-9A-Fa-f-]{32,36}$', description: 'UUID of a run.' })),
    namespace: Type.Optional(Text),
    name: Type.Optional(Text),
    limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
    pageToken: Type.Optional(Type.String({ maxLength: 2_048 })),
  },
  { additionalProperties: false },
);
// Judged by rules of its own: a schema of three alternatives would only say that none of them fits.
const Event = Type.Object({}, { additionalProperties: true, description: 'A RunEvent, JobEvent or DatasetEvent.' });

/** OpenLineage over HTTP: where other systems send their events, and what they have sent. */
export function openLineageRoutes({ openLineage }: { openLineage: OpenLineageService }): (app: App) => Promise<void> {
  return async (app) => {
    app.post(
      '/api/v1/lineage',
      {
        bodyLimit: BODY_LIMIT_BYTES,
        schema: {
          operationId: 'receiveLineage',
          summary: 'Take in an OpenLineage event, or a list of them',
          tags,
          body: Type.Union([Event, Type.Array(Event)]),
          response: { 201: LineageReceivedSchema },
        },
      },
      async (request, reply) => {
        requireCan(actorOf(request), 'lineage:write');
        const events: readonly unknown[] = Array.isArray(request.body) ? request.body : [request.body];
        return reply.code(201).send(await openLineage.receive(requestContext(request), events));
      },
    );
    app.post(
      '/api/v1/lineage/batch',
      {
        bodyLimit: BODY_LIMIT_BYTES,
        schema: {
          operationId: 'receiveLineageBatch',
          summary: 'Take in a list of OpenLineage events: all of them or none',
          tags,
          body: Type.Array(Event),
          response: { 201: LineageReceivedSchema },
        },
      },
      async (request, reply) => {
        requireCan(actorOf(request), 'lineage:write');
        return reply.code(201).send(await openLineage.receive(requestContext(request), request.body));
      },
    );
    app.get(
      '/api/v1/lineage/events',
      {
        schema: {
          operationId: 'listLineageEvents',
          summary: 'List the OpenLineage events that were taken in, newest first',
          tags,
          querystring: EventQuerySchema,
          response: { 200: LineageEventsSchema },
        },
      },
      async (request) => {
        requireCan(actorOf(request), 'lineage:read');
        const { limit, pageToken, runId, namespace, name } = request.query;
        const after = decodePageToken(pageToken, PageKey);
        const found = await openLineage.events({
          limit: limit + 1,
          ...(runId !== undefined && { runId: runIdOf(runId) }),
          ...(namespace !== undefined && { namespace }),
          ...(name !== undefined && { name }),
          ...(after !== undefined && { after }),
        });
        const items = found.slice(0, limit);
        const last = items.at(-1);
        const more = found.length > limit && last !== undefined;
        return {
          items: items.map(({ id, receivedAtMs, event }) => ({ id, receivedAtMs, event })),
          nextPageToken: more ? encodePageToken({ receivedAtMs: last.receivedAtMs, id: last.id }) : null,
        };
      },
    );
  };
}
