import { announcesBody } from './announces-body.js';
import { httpErrors } from './http-errors.js';
import type { App } from './http-types.js';

/**
 * Gives a JSON body `timeoutMs` to arrive. Node's own requestTimeout would count for streams as well and cut a long
 * upload off, so it is switched off and this takes its place; streams have a limit on pauses in {@link acceptRawBodies}.
 */
export function limitBodyTime(app: App, timeoutMs: number): void {
  app.addHook('preParsing', (request, _reply, payload, done) => {
    if (announcesBody(request.headers) && request.routeOptions.config?.rawBody !== true) {
      const timer = setTimeout(() => {
        // Fastify's body reader listens and answers; when nobody does, the answer is already on its way.
        if (payload.listenerCount('error') === 0) return;
        payload.emit('error', httpErrors.HTTP_BODY_TIMEOUT(`The body took longer than ${timeoutMs} ms.`));
      }, timeoutMs);
      timer.unref();
      const stop = () => clearTimeout(timer);
      request.raw.once('end', stop).once('close', stop);
    }
    done(null, payload);
  });
}
