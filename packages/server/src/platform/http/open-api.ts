import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { App } from './http-types.js';
import { nameComponents } from './name-components.js';
import { DOCS_POLICY } from './security-headers.js';

/** The OpenAPI 3.1 document at /api/openapi.json and its viewer at /api/docs, from the schemas of the routes. */
export async function publishOpenApi(app: App, { version }: { version: string }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Fairlead', version, description: 'Build, deploy, monitor and govern models in one system.' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }, {}],
    },
    transformObject: (document) => {
      if (!('openapiObject' in document)) throw new TypeError('the document is one of OpenAPI 3');
      const { info, ...rest } = document.openapiObject;
      return { ...nameComponents(rest as Record<string, unknown>), info } as typeof document.openapiObject;
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: DOCS_POLICY,
    uiConfig: { url: '/api/openapi.json', deepLinking: true },
  });
  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
