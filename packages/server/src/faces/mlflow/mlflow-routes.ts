import type { FastifyRequest } from 'fastify';
import { type App, actorOf, createJsonParser, requestContext, watchDelivery } from '../../platform/http/index.js';
import { requireCan } from '../../platform/identity/index.js';
import type { Call } from './define-call.js';
import { addFileRoutes } from './file-routes.js';
import { mlflowCalls } from './mlflow-calls.js';
import { mlflowErrors } from './mlflow-errors.js';
import { CALL_PREFIXES, hidden } from './mlflow-protocol.js';
import type { MlflowRooms } from './mlflow-rooms.js';
import { Fields, isRecord } from './read-fields.js';
import { addServerInfo } from './server-info-routes.js';
import { addUploadRoutes } from './upload-routes.js';

const JSON_ANSWER = 'application/json; charset=utf-8';
const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

/** MLflow's REST API over the rooms. None of it is in our OpenAPI document: it is MLflow's contract, not ours. */
export function mlflowRoutes(rooms: MlflowRooms): (app: App) => Promise<void> {
  return async (app) => {
    app.get(
      '/health',
      {
        config: { public: true, anyHost: true },
        schema: { summary: 'Whether the process answers, in the words of MLflow', tags: ['operations'] },
      },
      async (_, reply) => reply.type('text/plain; charset=utf-8').send('OK'),
    );
    const readBody = createBodyReader(app);
    for (const call of mlflowCalls) addCall(app, { rooms, call, readBody });
    addFileRoutes(app, rooms);
    addUploadRoutes(app, rooms, readBody);
    addServerInfo(app, rooms);
  };
}

type ReadBody = (body: unknown) => Record<string, unknown>;

function addCall(app: App, { rooms, call, readBody }: { rooms: MlflowRooms; call: Call; readBody: ReadBody }): void {
  for (const prefix of CALL_PREFIXES) {
    app.route({
      method: [...call.methods],
      url: `${prefix}/${call.path}`,
      ...hidden,
      config: { otherContent: refuseContent },
      handler: async (request, reply) => {
        requireCan(actorOf(request), call.may);
        const fields = readFields(request, readBody);
        const caller = { context: requestContext(request), heard: () => watchDelivery(reply) };
        return reply.type(JSON_ANSWER).send(await call.answer(fields, rooms, caller));
      },
    });
  }
}

function readFields(request: FastifyRequest, readBody: ReadBody): Fields {
  const values = request.method === 'GET' ? (request.query as Record<string, unknown>) : readBody(request.body);
  const params = request.params as Record<string, unknown>;
  return new Fields(isEmpty(params) ? values : { ...values, ...params });
}

/** Old clients send the text of a JSON object as a JSON text. No body is an empty object. */
function createBodyReader(app: App): ReadBody {
  const parse = createJsonParser(app);
  return (body) => {
    const value = typeof body === 'string' && body !== '' ? parse(Buffer.from(body)) : body;
    if (value === undefined || value === null || value === '') return NOTHING;
    if (isRecord(value)) return value;
    throw mlflowErrors.MLF_PARAMETER_INVALID('The body is JSON, but not an object with the parameters of the call.');
  };
}

function refuseContent(got: string): Error {
  return mlflowErrors.MLF_CONTENT_TYPE_REFUSED(
    `Bad Request. Content-Type must be one of ['application/json'], and it is ${got}.`,
  );
}

function isEmpty(record: Record<string, unknown>): boolean {
  for (const _ in record) return false;
  return true;
}
