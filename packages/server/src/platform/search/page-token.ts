import { createHash } from 'node:crypto';
import { canonicalJson } from '@fairlead/kernel';
import { searchErrors } from './search-errors.js';
import type { Page } from './search-types.js';

/** Where a page ended: the sort values of its last thing, in the order of the columns. Never NaN. */
export type Position = readonly (string | number)[];
export type PositionKinds = readonly ('text' | 'number')[];

const MAX_CHARACTERS = 65_536;
const UNSTORABLE = /[\0\p{Cs}]/u;

/** A position as opaque text that is bound to its search: other conditions or another order refuse it. */
export function writePageToken(search: unknown, position: Position): string {
  return Buffer.from(JSON.stringify([fingerprint(search), ...position], nameInfinity)).toString('base64url');
}

/** The position of {@link writePageToken}; anybody may send anything, so kinds are checked. Throws SEARCH_PAGE_TOKEN_INVALID. */
export function readPageToken(search: unknown, token: string, kinds: PositionKinds): Position {
  const [of, ...values] = parse(token);
  const position = values.map((value, index) =>
    kinds[index] === 'number' && isInfinity(value) ? Number(value) : value,
  );
  if (of === fingerprint(search) && isPosition(position, kinds)) return position;
  throw searchErrors.SEARCH_PAGE_TOKEN_INVALID('The page token was not made by this search.', {
    data: { token: token.slice(0, 100) },
  });
}

/** A page of rows that were read with one more than the limit. */
export function toPage<Row, T>(
  rows: readonly Row[],
  { limit, search, positionOf, toItem }: PageParts<Row, T>,
): Page<T> {
  const last = rows[limit - 1];
  return {
    items: rows.slice(0, limit).map(toItem),
    nextPageToken: rows.length > limit && last !== undefined ? writePageToken(search, positionOf(last)) : null,
  };
}

export interface PageParts<Row, T> {
  readonly limit: number;
  /** Everything that makes this search another one, as JSON; not the limit and not the token. */
  readonly search: unknown;
  readonly positionOf: (row: Row) => Position;
  readonly toItem: (row: Row) => T;
}

function parse(token: string): unknown[] {
  if (token.length > MAX_CHARACTERS) return [];
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

function isPosition(values: readonly unknown[], kinds: PositionKinds): values is Position {
  return (
    values.length === kinds.length &&
    values.every((value, index) =>
      kinds[index] === 'text' ? typeof value === 'string' && !UNSTORABLE.test(value) : typeof value === 'number',
    )
  );
}

function fingerprint(search: unknown): string {
  return createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(search, nameInfinity))))
    .digest('hex')
    .slice(0, 16);
}

/** An infinity is a fair bound and a fair place to end at, and has no JSON form: its name stands for it. */
function nameInfinity(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function isInfinity(value: unknown): boolean {
  return value === 'Infinity' || value === '-Infinity';
}
