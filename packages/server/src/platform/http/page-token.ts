import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { httpErrors } from './http-errors.js';
import { findUnstorableText } from './storable-text-rules.js';

const MAX_CHARACTERS = 2048;

/** The key after which the next page begins, as an opaque text. `key` is JSON. */
export function encodePageToken(key: unknown): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The key of {@link encodePageToken}, checked against `schema`; undefined for an absent token. Throws HTTP_BAD_PAGE_TOKEN. */
export function decodePageToken<S extends TSchema>(token: string | undefined, schema: S): Static<S> | undefined {
  if (token === undefined || token === '') return undefined;
  const key = token.length <= MAX_CHARACTERS ? parse(token) : undefined;
  if (key !== undefined && Value.Check(schema, key) && findUnstorableText(key) === undefined) return key;
  throw httpErrors.HTTP_BAD_PAGE_TOKEN('The page token cannot be read.', { data: { token: token.slice(0, 100) } });
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
