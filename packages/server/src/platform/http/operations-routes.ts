import { Type } from 'typebox';
import type { App, HttpServerOptions } from './http-types.js';

type OperationsOptions = Pick<HttpServerOptions, 'metrics' | 'version' | 'mlflowVersion' | 'readiness'> & {
  readonly isDraining: () => boolean;
};

const HEALTH = { public: true, anyHost: true };
const describe = (summary: string) => ({ summary, tags: ['operations'] });

/** /livez, /readyz, /metrics, /version and /api/v1/version. */
export function addOperationsRoutes(app: App, options: OperationsOptions): void {
  const { metrics, version, mlflowVersion = version, readiness, isDraining } = options;
  app.get('/livez', { config: HEALTH, schema: describe('Whether the process answers') }, async () => ({
    status: 'ok',
  }));
  app.get('/readyz', { config: HEALTH, schema: describe('Whether requests should be sent here') }, async (_, reply) => {
    if (isDraining()) return reply.code(503).send({ ready: false, checks: { server: 'draining' } });
    const { ready, checks } = await readiness();
    return reply.code(ready ? 200 : 503).send({ ready, checks });
  });
  app.get('/metrics', { schema: describe('Metrics in the Prometheus text format') }, async (_, reply) =>
    reply.type(metrics.contentType).send(await metrics.render()),
  );
  app.get(
    '/version',
    { config: HEALTH, schema: describe('The version of MLflow that this server speaks') },
    async (_, reply) => reply.type('text/plain; charset=utf-8').send(mlflowVersion),
  );
  const schema = {
    ...describe('The version of this server'),
    operationId: 'getVersion',
    response: { 200: Type.Object({ version: Type.String() }) },
  };
  app.get('/api/v1/version', { config: { public: true }, schema }, async () => ({ version }));
}
