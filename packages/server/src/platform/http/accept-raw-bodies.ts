import { Readable, Transform } from 'node:stream';
import { httpErrors } from './http-errors.js';
import type { App } from './http-types.js';

export interface RawBodyOptions {
  /** Content types to take, for example `application/octet-stream`; `*` takes anything, also a body without a type. */
  readonly types: readonly string[];
  /** More bytes end the stream with HTTP_BODY_TOO_LARGE. Absent: no limit. */
  readonly limitBytes?: number;
  /** The longest pause between two pieces; longer ends the stream with HTTP_BODY_TIMEOUT. */
  readonly pauseMs?: number;
}

/**
 * Registers routes whose bodies are streams. Each route inside also says `config: { rawBody: true }`; its `request.body` is
 * a `Readable` that fails with a coded error when it grows too large or stalls, whatever the content type, JSON included.
 *
 * @example
 * acceptRawBodies(app, { types: ['*'] }, (scope) => {
 *   scope.put('/files/*', { config: { rawBody: true } }, async (request) => save(request.body as Readable));
 * });
 */
export function acceptRawBodies(app: App, options: RawBodyOptions, addRoutes: (scope: App) => void): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser([...options.types], (request, payload, done) => {
      const announced = Number(request.headers['content-length'] ?? 0);
      if (announced > (options.limitBytes ?? Infinity)) return done(tooLarge(options.limitBytes), undefined);
      done(null, watched(payload, options));
    });
    // Fastify calls no parser for a request without a body; its stream is an empty one.
    scope.addHook('preValidation', async (request) => {
      if (request.routeOptions.config.rawBody === true) request.body ??= Readable.from([]);
    });
    addRoutes(scope as unknown as App);
  });
}

function tooLarge(limitBytes = 0) {
  return httpErrors.HTTP_BODY_TOO_LARGE(`The body is larger than ${limitBytes} bytes.`, { data: { limitBytes } });
}

function watched(payload: Readable, { limitBytes = Infinity, pauseMs = 30_000 }: RawBodyOptions): Readable {
  let receivedBytes = 0;
  const stalled = () => body.destroy(httpErrors.HTTP_BODY_TIMEOUT(`No piece of the body came for ${pauseMs} ms.`));
  const timer = setTimeout(stalled, pauseMs);
  timer.unref();
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      timer.refresh();
      receivedBytes += chunk.length;
      done(receivedBytes > limitBytes ? tooLarge(limitBytes) : null, chunk);
    },
  });
  body.once('close', () => clearTimeout(timer));
  // A route that refuses the request never reads it, so nobody else listens: unheard, the error would end the process.
  body.on('error', () => {});
  // A client that goes away must look like a failure, not like the end of the file.
  payload.once('error', (error) => body.destroy(error));
  payload.once('close', () => {
    if (!payload.readableEnded)
      body.destroy(new Error('the client closed the connection before the body was complete'));
  });
  return payload.pipe(body);
}
