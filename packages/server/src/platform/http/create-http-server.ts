import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import { requestIdFrom } from '../telemetry/index.js';
import { answerBrokenRequest, answerErrors, createSendError } from './answer-errors.js';
import { guardRequests } from './guard-requests.js';
import type { App, HttpServerOptions } from './http-types.js';
import { readJsonBodies } from './json-body.js';
import { limitBodyTime } from './limit-body-time.js';
import { addDrain, guardListening } from './listen-and-drain.js';
import { publishOpenApi } from './open-api.js';
import { addOperationsRoutes } from './operations-routes.js';
import { logWhenAsked } from './request-logger.js';
import { watchRoutes } from './route-list.js';
import { BARE_HEADERS, setSecurityHeaders } from './security-headers.js';
import { createSerializerCompiler } from './serializer-compiler.js';
import { createValidatorCompiler } from './validator-compiler.js';

const MAX_PARAM_CHARACTERS = 2048;
const CONNECTION_CHECK_MS = 1000;

/**
 * The HTTP server without any room's routes: add those, then `listen()`. Every answer carries the security headers and a
 * request id; every error is coded. See README.md for what a request has to pass.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<App> {
  const { config, logger, version, protocols = [], errorPages } = options;
  const sendError = createSendError(protocols, errorPages);
  const app: App = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    // Our own line per request, below, instead of two.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    childLoggerFactory: logWhenAsked,
    requestIdHeader: false,
    genReqId: (request) => requestIdFrom(request.headers['x-request-id']),
    bodyLimit: config.bodyLimitBytes,
    // Node's limit on the whole request stays off: see limit-body-time.ts.
    requestTimeout: 0,
    http: { headersTimeout: config.headersTimeoutMs, connectionsCheckingInterval: CONNECTION_CHECK_MS },
    forceCloseConnections: 'idle',
    // A request that arrives on an open connection while we drain is answered; its connection then closes.
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PARAM_CHARACTERS },
    frameworkErrors: (error, request, reply) => {
      // No hook runs for an address that cannot be decoded, so the headers come from here.
      sendError(error, request, reply.headers(BARE_HEADERS));
    },
    clientErrorHandler: answerBrokenRequest,
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.decorateRequest('actor', null);
  app.setValidatorCompiler(createValidatorCompiler());
  app.setSerializerCompiler(createSerializerCompiler());
  const routes = watchRoutes(app);
  const isDraining = addDrain(app);
  observe(app, options);
  setSecurityHeaders(app, { https: config.publicUrl?.startsWith('https:') ?? false });
  readJsonBodies(app);
  guardRequests(app, options);
  limitBodyTime(app, config.requestTimeoutMs);
  answerErrors(app, routes, sendError);
  await publishOpenApi(app, { version });
  addOperationsRoutes(app, { ...options, isDraining });
  guardListening(app, config);
  return app;
}

function observe(app: App, { metrics, logger }: Pick<HttpServerOptions, 'metrics' | 'logger'>): void {
  type Observed = ReturnType<typeof metrics.httpRequestSeconds.labels>;
  // By method, route and status: looking labels up costs more than counting.
  const known = new Map<string, Observed>();
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    const status = String(reply.statusCode);
    const route = request.routeOptions.url ?? 'none';
    const key = `${method} ${status} ${route}`;
    let seconds = known.get(key);
    if (seconds === undefined) {
      seconds = metrics.httpRequestSeconds.labels({ method, route, status });
      known.set(key, seconds);
    }
    const { elapsedTime } = reply;
    seconds.observe(elapsedTime / 1000);
    const refused = reply.statusCode >= 400;
    if (refused || logger.isLevelEnabled('debug')) {
      const facts = { method, route, status, elapsedMs: Math.round(elapsedTime * 10) / 10, actor: request.actor?.id };
      if (refused) request.log.info(facts, 'request refused or failed');
      else request.log.debug(facts, 'request answered');
    }
    done();
  });
}
