import { isUtf8 } from 'node:buffer';
import { messageOf } from '@fairlead/kernel';
import { httpErrors } from './http-errors.js';
import type { App } from './http-types.js';
import { isDeeperThan } from './json-depth-rules.js';
import { findUnstorableText } from './storable-text-rules.js';

const MAX_DEPTH = 100;

/** Makes JSON in UTF-8 the only content type, read strictly; an empty body reads as no body. */
export function readJsonBodies(app: App): void {
  const parse = createJsonParser(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    try {
      done(null, body.length === 0 ? undefined : parse(body));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
}

/** Reads one JSON value in UTF-8 by the rules for bodies; it throws HTTP_BAD_JSON and HTTP_UNSTORABLE_TEXT. */
export function createJsonParser(app: App): (body: Buffer) => unknown {
  // Fastify's own parser refuses __proto__ and constructor.prototype members, and calls back before it returns.
  const parse = app.getDefaultJsonParser('error', 'error') as (
    request: unknown,
    text: string,
    done: (error: Error | null, value?: unknown) => void,
  ) => void;
  return (body) => {
    if (!isUtf8(body)) throw httpErrors.HTTP_BAD_JSON('The body is not valid UTF-8.');
    if (isDeeperThan(body, MAX_DEPTH)) {
      throw httpErrors.HTTP_BAD_JSON(`The body nests deeper than ${MAX_DEPTH} levels.`);
    }
    const text = body.toString('utf8');
    let parsed: unknown;
    parse(undefined, text, (error, value) => {
      if (error) throw httpErrors.HTTP_BAD_JSON(`The body is not JSON: ${messageOf(error)}.`);
      parsed = value;
    });
    // JSON can carry the texts we refuse only as escapes, so bodies without any need no walk.
    const path = text.includes('\\u') ? findUnstorableText(parsed) : undefined;
    if (path !== undefined) throw unstorable(`body${path}`);
    return parsed;
  };
}

/** HTTP_UNSTORABLE_TEXT for the given place in the request. */
export function unstorable(path: string) {
  return httpErrors.HTTP_UNSTORABLE_TEXT(`The text at ${path} holds NUL or half a surrogate pair.`, { data: { path } });
}
