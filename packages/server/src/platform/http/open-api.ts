import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { App } from './http-types.js';
import { nameComponents } from './name-components.js';
import { DOCS_POLICY } from './security-headers.js';

// A ring that holds a line, as on the first page, with the name: the viewer shows it in a dark bar.
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 136 32" height="40" fill="none" stroke="#5ac8d8" stroke-width="2.6" stroke-linecap="round"><path d="M1 25C9 25 9 16 16 16s8-9 15-9"/><circle cx="16" cy="16" r="8"/><text x="42" y="23" font-family="Georgia,serif" font-size="21" font-weight="600" fill="#fff" stroke="none">Fairlead</text></svg>`;

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
    logo: { type: 'image/svg+xml', content: LOGO, href: '/', target: '_self' },
    theme: {
      title: 'Fairlead API',
      favicon: [{ filename: 'fairlead.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: LOGO }],
      // One document is shown here: a field for the address of another one only confuses, and the policy would not let it load.
      css: [{ filename: 'fairlead.css', content: '.topbar .download-url-wrapper{display:none!important}' }],
    },
  });
  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
