import type { Readable } from 'node:stream';
import type { Actor } from '@fairlead/kernel';
import { Type } from 'typebox';
import { type Config, loadConfig } from '../config/index.js';
import { createLogger, createMetrics } from '../telemetry/index.js';
import { type App, acceptRawBodies, createHttpServer, type Identifier, type Readiness } from './index.js';

const localActor: Actor = { kind: 'user', id: 'local', roles: ['viewer'], authenticated: false };

export interface TestServer {
  readonly app: App;
  /** Everything that was logged, one JSON text per line. */
  readonly log: string[];
  readonly readiness: { value: Readiness };
}

/** A server with a few routes of every kind, on its default configuration unless told otherwise. */
export async function openTestServer(
  flags: Record<string, unknown> = {},
  identity: Identifier = { identify: async () => localActor },
): Promise<TestServer> {
  const config: Config = loadConfig({ flags: { port: 0, ...flags }, env: {}, cwd: '/' });
  const log: string[] = [];
  const readiness = { value: { ready: true, checks: { database: 'ok' } } as Readiness };
  const app = await createHttpServer({
    config,
    logger: createLogger({ logLevel: 'debug', logFormat: 'json' }, { write: (line) => log.push(line) }),
    metrics: createMetrics(),
    identity,
    version: '1.2.3',
    mlflowVersion: '3.3.0',
    readiness: async () => readiness.value,
  });
  addTestRoutes(app);
  return { app, log, readiness };
}

const body = Type.Object(
  { name: Type.String({ minLength: 1 }), count: Type.Optional(Type.Integer()), extra: Type.Optional(Type.Unknown()) },
  { additionalProperties: false },
);

function addTestRoutes(app: App): void {
  const describe = (operationId: string) => ({ operationId, summary: operationId, tags: ['test'] });
  app.post('/api/v1/things', { schema: { ...describe('addThing'), body } }, async (request) => ({ got: request.body }));
  const querystring = Type.Object({
    limit: Type.Integer({ default: 10, maximum: 100 }),
    tag: Type.Array(Type.String()),
  });
  app.get('/api/v1/things', { schema: { ...describe('listThings'), querystring } }, async (request) => request.query);
  const params = Type.Object({ name: Type.String() });
  app.get('/api/v1/things/:name', { schema: { ...describe('getThing'), params } }, async (request) => request.params);
  app.post('/v2/models/:name/infer', { config: { errorShape: 'oip' }, schema: { body } }, async () => ({ ok: true }));
  app.post('/odd', { config: { errorShape: (e) => ({ error_code: e.code }) }, schema: { body } }, async () => ({}));
  app.get('/fail', async () => {
    throw new Error('a secret inside');
  });
  app.get('/refused-by-database', async () => {
    throw Object.assign(new Error('invalid byte sequence'), { code: '22021', severity: 'ERROR' });
  });
  acceptRawBodies(app, { types: ['application/octet-stream', 'text/csv'], limitBytes: 1000, pauseMs: 300 }, (scope) => {
    scope.put('/raw', { config: { rawBody: true } }, async (request) => {
      let sizeBytes = 0;
      for await (const chunk of request.body as Readable) sizeBytes += (chunk as Buffer).length;
      return { sizeBytes };
    });
  });
}
