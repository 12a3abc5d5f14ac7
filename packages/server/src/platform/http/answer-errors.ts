import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { prefersHtml } from './accept-rules.js';
import { renderHtml } from './html.js';
import { httpErrors } from './http-errors.js';
import type { App, ErrorPages, ErrorShape, ErrorView, ForeignProtocol } from './http-types.js';
import { presentError, toCodedError } from './map-error.js';
import type { RouteList } from './route-list.js';
import { allowStyleNonce } from './security-headers.js';

type SendError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Answers with the coded form of an error; faults of the server are logged under the id that the answer shows. */
export function createSendError(protocols: readonly ForeignProtocol[], pages?: ErrorPages): SendError {
  return (error, request, reply) => {
    const coded = toCodedError(error);
    const { status, code, message, remedy, data, id } = coded;
    if (status >= 500) request.log.error({ err: coded, cause: coded.cause, errorId: id, code }, message);
    if (typeof data.retryAfterSeconds === 'number') reply.header('retry-after', Math.ceil(data.retryAfterSeconds));
    const view = { status, code, message, remedy, data, id, requestId: request.id };
    const speaks = ({ prefixes }: Pick<ForeignProtocol, 'prefixes'>) =>
      prefixes.some((prefix) => isBelow(request.url, prefix));
    const protocol = protocols.find(speaks);
    if (status === 401) reply.header('www-authenticate', protocol?.challenge ?? 'Bearer');
    if (pages !== undefined && speaks(pages)) {
      reply.header('vary', 'Accept');
      if (prefersHtml(request.headers.accept)) return sendPage(pages, view, reply);
    }
    const shape = shapeFor(request);
    const answer = protocol?.presentError(view) ?? { status, body: presentError(view, shape) };
    // KServe's client shows the reason of a refusal only under this very type.
    const type = protocol === undefined && shape === 'oip' ? 'application/json' : 'application/json; charset=utf-8';
    // Past the route's own response schema, which describes other bodies and would cut this one down.
    return reply
      .code(answer.status)
      .type(type)
      .serializer((value: unknown) => JSON.stringify(value))
      .send(answer.body);
  };
}

function sendPage(pages: ErrorPages, view: ErrorView, reply: FastifyReply): FastifyReply {
  const { status, page } = pages.presentError(view, { nonce: allowStyleNonce(reply) });
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .serializer((text: string) => text)
    .send(renderHtml(page));
}

function isBelow(url: string, prefix: string): boolean {
  if (!url.startsWith(prefix)) return false;
  const next = url[prefix.length];
  return next === undefined || next === '/' || next === '?';
}

function shapeFor(request: FastifyRequest): ErrorShape {
  return request.routeOptions.config?.errorShape ?? (request.url.startsWith('/v2/') ? 'oip' : 'native');
}

/** Every error and every address without a route get a coded answer. */
export function answerErrors(app: App, routes: RouteList, sendError: SendError): void {
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = routes.methodsAt(path);
    if (methods.length === 0) {
      const message = `There is no route ${request.method} ${path.slice(0, 200)}.`;
      return sendError(httpErrors.HTTP_ROUTE_NOT_FOUND(message), request, reply);
    }
    const message = `${path.slice(0, 200)} takes ${methods.join(', ')}, not ${request.method}.`;
    reply.header('allow', methods.join(', '));
    return sendError(httpErrors.HTTP_METHOD_NOT_ALLOWED(message, { data: { allowed: methods } }), request, reply);
  });
}

const BROKEN: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** Answers what Node could not even parse as a request, and closes the connection. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { code, message, remedy, data, id } = httpErrors.HTTP_BAD_REQUEST(
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? 'The headers did not arrive in time.'
      : 'The request is not valid HTTP.',
  );
  const body = JSON.stringify({ error: { code, message, remedy, data, id, requestId: null } });
  socket.end(
    `HTTP/1.1 ${BROKEN[error.code ?? ''] ?? '400 Bad Request'}\r\nConnection: close\r\n` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
