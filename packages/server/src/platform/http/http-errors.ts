import { defineErrors } from '@fairlead/kernel';

export const httpErrors = defineErrors('platform/http', {
  HTTP_BIND_REFUSED: {
    status: 400,
    fault: 'user',
    title: 'The server does not open itself to a network without identities',
    remedy: 'Listen on 127.0.0.1, or add people with tokens and set identity.required (and publicUrl).',
  },
  HTTP_LISTEN_FAILED: {
    status: 503,
    fault: 'system',
    title: 'The address cannot be listened on',
    remedy: 'Choose another --port (0 takes a free one), or stop the program that holds it.',
  },
  HTTP_HOST_MALFORMED: {
    status: 400,
    fault: 'user',
    title: 'The Host header is missing, doubled or malformed',
    remedy: 'Send one Host header of the form name or name:port.',
  },
  HTTP_HOST_REFUSED: {
    status: 403,
    fault: 'user',
    title: 'The Host header names another server',
    remedy: 'Use http://127.0.0.1 or http://localhost, or add the name to allowedHosts or publicUrl.',
  },
  HTTP_ORIGIN_REFUSED: {
    status: 403,
    fault: 'user',
    title: 'A web page of another origin may not change anything here',
    remedy: 'Call from a page of this server or from a program; set publicUrl when a proxy stands in front.',
  },
  HTTP_UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    fault: 'user',
    title: 'The body is of a content type this route does not take',
    remedy: 'Send Content-Type: application/json in UTF-8, or what the route documents.',
  },
  HTTP_BODY_TOO_LARGE: {
    status: 413,
    fault: 'user',
    title: 'The body is larger than the limit',
    remedy: 'Send less at once, or raise bodyLimitBytes.',
  },
  HTTP_ENCODING_REFUSED: {
    status: 415,
    fault: 'user',
    title: 'The body is encoded in a way this route does not take',
    remedy: 'Send it plain, or with Content-Encoding gzip or deflate where the route documents it.',
  },
  HTTP_ENCODING_BROKEN: {
    status: 400,
    fault: 'user',
    title: 'The body is not what its Content-Encoding says',
    remedy: 'Encode the whole body as gzip (RFC 1952) or deflate (zlib, RFC 1950), or leave the header out.',
  },
  HTTP_RANGE_UNSATISFIABLE: {
    status: 416,
    fault: 'user',
    title: 'The range lies outside the file',
    remedy: 'Ask for bytes below the size in Content-Range, or leave the Range header out.',
  },
  HTTP_BODY_TIMEOUT: {
    status: 408,
    fault: 'user',
    title: 'The body did not arrive in time',
    remedy: 'Send faster or in smaller parts, or raise requestTimeoutMs.',
  },
  HTTP_BAD_JSON: {
    status: 400,
    fault: 'user',
    title: 'The body is no acceptable JSON',
    remedy:
      'Send one JSON value in UTF-8, at most 100 levels deep, without the members __proto__ and constructor.prototype.',
  },
  HTTP_BAD_URL: {
    status: 400,
    fault: 'user',
    title: 'The address of the request cannot be read',
    remedy: 'Encode the path and the query as in RFC 3986.',
  },
  HTTP_BAD_REQUEST: {
    status: 400,
    fault: 'user',
    title: 'The request breaks the HTTP protocol',
    remedy: 'Send a request that follows RFC 9112, its headers within 16 KiB and 10 seconds.',
  },
  HTTP_INVALID_REQUEST: {
    status: 400,
    fault: 'user',
    title: 'The request does not fit the shape of the route',
    remedy: 'Correct the named members; /api/docs shows the shape.',
  },
  HTTP_UNSTORABLE_TEXT: {
    status: 400,
    fault: 'user',
    title: 'A text holds the character NUL or half a surrogate pair',
    remedy: 'Remove it: no database keeps it unchanged.',
  },
  HTTP_VALUE_REFUSED: {
    status: 400,
    fault: 'user',
    title: 'The database cannot hold a value of the request',
    remedy: 'Send a shorter text or a smaller number.',
  },
  HTTP_BAD_PAGE_TOKEN: {
    status: 400,
    fault: 'user',
    title: 'The page token is not one of this list',
    remedy: 'Take it unchanged from the answer before, or leave it out to begin at the first page.',
  },
  HTTP_ROUTE_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'There is no such route',
    remedy: 'See /api/docs for the routes that exist.',
  },
  HTTP_METHOD_NOT_ALLOWED: {
    status: 405,
    fault: 'user',
    title: 'The route does not take this method',
    remedy: 'Use one of the methods in the Allow header.',
  },
  HTTP_ROUTE_UNDESCRIBED: {
    status: 500,
    fault: 'system',
    title: 'A route under /api lacks what the OpenAPI document needs',
    remedy: 'Give the route a schema with a unique operationId, a summary and tags.',
  },
  HTTP_INTERNAL: {
    status: 500,
    fault: 'system',
    title: 'The server failed',
    remedy: 'Find the id in the log of the server; report it together with what was asked.',
  },
});
