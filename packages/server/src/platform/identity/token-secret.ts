import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const TOKEN = /^fl_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const BEARER = /^Bearer +(\S+) *$/i;
const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i;

export interface TokenParts {
  readonly id: string;
  readonly secret: string;
}

/** A new token of 64 bits of id and 256 bits of secret. */
export function makeToken(): TokenParts & { readonly token: string } {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { id, secret, token: `fl_${id}_${secret}` };
}

export interface Credential extends TokenParts {
  /** Whom the client says it is; undefined where it says only the token. */
  readonly person: string | undefined;
}

/**
 * What an Authorization header proves: `Bearer fl_<id>_<secret>`, or `Basic` with the same token as the password, for
 * clients that know only names and passwords. Undefined for anything else.
 */
export function parseAuthorization(header: string): Credential | undefined {
  const basic = BASIC.exec(header)?.[1];
  const [person, token] = basic === undefined ? [undefined, BEARER.exec(header)?.[1]] : splitPassword(basic);
  const [, id, secret] = TOKEN.exec(token ?? '') ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret, person };
}

/** RFC 7617: the name ends at the first colon. */
function splitPassword(encoded: string): [string | undefined, string] {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? [undefined, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** What is stored of a token: HMAC-SHA256 under the pepper, hex. The id is part of it, so hashes cannot be swapped. */
export function hashSecret({ id, secret }: TokenParts, pepper: Buffer): string {
  return createHmac('sha256', pepper).update(`${id}.${secret}`).digest('hex');
}

/** Compares in constant time; `stored` undefined costs the same and is false. */
export function isSameHash(hash: string, stored: string | undefined): boolean {
  return (
    timingSafeEqual(Buffer.from(hash), Buffer.from((stored ?? '').padEnd(hash.length, '-'))) && stored !== undefined
  );
}
