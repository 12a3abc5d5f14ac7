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

const QUIET_STEP_MS = 25;
const QUIET_STEPS = 2;
const MAX_QUIET_MS = 1_000;

/**
 * Closing an idle connection whose next request stands in the system's buffer, sent but not read, would lose that request, and
 * so would closing the door to connections that wait to be accepted. So what was sent is read first: until no request has
 * begun for a while, at most a second. Whoever asks for readiness is told of the drain meanwhile.
 */
async function untilQuiet(begun: () => number, timeoutMs: number): Promise<void> {
  const steps = Math.min(MAX_QUIET_MS, timeoutMs) / QUIET_STEP_MS;
  let before = -1;
  for (let step = 0, quiet = 0; step < steps && quiet < QUIET_STEPS; step += 1) {
    const now = begun();
    quiet = now === before ? quiet + 1 : 0;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, QUIET_STEP_MS));
  }
}

/** Adds `app.drain` and tells whether it has been called. */
export function addDrain(app: App): () => boolean {
  let draining = false;
  let closing = false;
  let inFlight = 0;
  let begun = 0;
  const left = () => {
    inFlight -= 1;
  };
  app.addHook('onRequest', (_request, reply, done) => {
    inFlight += 1;
    begun += 1;
    reply.raw.once('close', left);
    done();
  });
  // Closing the server closes idle connections once; those that are busy then must be closed after their answer.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (draining) reply.header('connection', 'close');
    done(null, payload);
  });
  app.addHook('onResponse', (_request, _reply, done) => {
    if (closing) setImmediate(() => app.server.closeIdleConnections());
    done();
  });
  app.decorate('drain', async (timeoutMs: number): Promise<DrainResult> => {
    draining = true;
    let unfinishedRequests = 0;
    const timer = setTimeout(() => {
      unfinishedRequests = inFlight;
      app.server.closeAllConnections();
    }, timeoutMs);
    await untilQuiet(() => begun, timeoutMs);
    closing = true;
    await app.close();
    clearTimeout(timer);
    return { unfinishedRequests };
  });
  return () => draining;
}
