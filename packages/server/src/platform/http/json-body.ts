import { isUtf8 } from 'node:buffer';
import { messageOf } from '@fairlead/kernel';
import { httpErrors } from './http-errors.js';
import type { App } from './http-types.js';
import { isDeeperThan } from './json-depth-rules.js';
import { findUnstorableText } from './storable-text-rules.js';

const MAX_DEPTH = 100;

/** Makes JSON in UTF-8 the only content type, read strictly; an empty body reads as no body. */
export function readJsonBodies(app: App): void {
  // Fastify's own parser refuses __proto__ and constructor.prototype members.
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    if (!isUtf8(body)) return done(httpErrors.HTTP_BAD_JSON('The body is not valid UTF-8.'), undefined);
    if (isDeeperThan(body, MAX_DEPTH)) {
      return done(httpErrors.HTTP_BAD_JSON(`The body nests deeper than ${MAX_DEPTH} levels.`), undefined);
    }
    const text = body.toString('utf8');
    parse(request, text, (error, value) => {
      if (error) return done(httpErrors.HTTP_BAD_JSON(`The body is not JSON: ${messageOf(error)}.`), undefined);
      // JSON can carry the texts we refuse only as escapes, so bodies without any need no walk.
      const path = text.includes('\\u') ? findUnstorableText(value) : undefined;
      if (path === undefined) return done(null, value);
      return done(unstorable(`body${path}`), undefined);
    });
  });
}

/** HTTP_UNSTORABLE_TEXT for the given place in the request. */
export function unstorable(path: string) {
  return httpErrors.HTTP_UNSTORABLE_TEXT(`The text at ${path} holds NUL or half a surrogate pair.`, { data: { path } });
}
