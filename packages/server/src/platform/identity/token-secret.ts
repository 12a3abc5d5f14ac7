import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const TOKEN = /^fl_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const BEARER = /^Bearer +(\S+) *$/i;

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

/** The parts of an `Authorization: Bearer fl_<id>_<secret>` header; undefined for anything else. */
export function parseAuthorization(header: string): TokenParts | undefined {
  const [, id, secret] = TOKEN.exec(BEARER.exec(header)?.[1] ?? '') ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
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
