export { acceptRawBodies } from './accept-raw-bodies.js';
export { acceptWholeBodies, encodeAnswer, readWholeBody } from './accept-whole-bodies.js';
export { createHttpServer } from './create-http-server.js';
export { type Html, type HtmlValue, html, renderHtml, trustedHtml } from './html.js';
export type {
  App,
  ErrorPages,
  ErrorShape,
  ErrorView,
  ForeignProtocol,
  HttpServerOptions,
  Identifier,
  Readiness,
} from './http-types.js';
export { createJsonParser } from './json-body.js';
export { decodePageToken, encodePageToken } from './page-token.js';
export { type Immutable, present } from './present.js';
export { actorOf, requestContext } from './request-context.js';
export { allowStandalonePage, allowStyleNonce, sendAsAttachment } from './security-headers.js';
export { type StoredFile, sendStoredFile } from './send-stored-file.js';
export { watchDelivery } from './watch-delivery.js';
