import type { FastifyListenOptions } from 'fastify';
import type { Config } from '../config/index.js';
import { isLoopbackHost } from './host-rules.js';
import { httpErrors } from './http-errors.js';
import type { App, DrainResult } from './http-types.js';

/**
 * Makes `app.listen()` use the configured host and port unless told otherwise, refuse to open the server to a network
 * while no identity is required (HTTP_BIND_REFUSED), and say what is wrong when the port is taken (HTTP_LISTEN_FAILED).
 */
export function guardListening(app: App, config: Config): void {
  const listen = app.listen.bind(app) as (options: FastifyListenOptions) => Promise<string>;
  const guarded = async (options: FastifyListenOptions = {}): Promise<string> => {
    const { host = config.host, port = config.port } = options;
    if (!isLoopbackHost(host) && !config.identity.required) {
      throw httpErrors.HTTP_BIND_REFUSED(
        `${host} can be reached from the network, and everybody could do everything.`,
        {
          data: { host },
        },
      );
    }
    try {
      return await listen({ ...options, host, port });
    } catch (cause) {
      if (!['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND'].includes((cause as { code?: string }).code ?? ''))
        throw cause;
      const { message } = cause as Error;
      throw httpErrors.HTTP_LISTEN_FAILED(`Cannot listen on ${host}:${port}: ${message}`, {
        data: { host, port },
        cause,
      });
    }
  };
  app.listen = guarded as App['listen'];
}

/** Adds `app.drain` and tells whether it has been called. */
export function addDrain(app: App): () => boolean {
  let draining = false;
  let inFlight = 0;
  const left = () => {
    inFlight -= 1;
  };
  app.addHook('onRequest', (_request, reply, done) => {
    inFlight += 1;
    reply.raw.once('close', left);
    done();
  });
  // Closing the server closes idle connections once; those that are busy then must be closed after their answer.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (draining) reply.header('connection', 'close');
    done(null, payload);
  });
  app.addHook('onResponse', (_request, _reply, done) => {
    if (draining) setImmediate(() => app.server.closeIdleConnections());
    done();
  });
  app.decorate('drain', async (timeoutMs: number): Promise<DrainResult> => {
    draining = true;
    let unfinishedRequests = 0;
    const timer = setTimeout(() => {
      unfinishedRequests = inFlight;
      app.server.closeAllConnections();
    }, timeoutMs);
    await app.close();
    clearTimeout(timer);
    return { unfinishedRequests };
  });
  return () => draining;
}
