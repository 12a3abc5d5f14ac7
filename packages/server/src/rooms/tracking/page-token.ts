import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { decodePageToken, encodePageToken } from '../../platform/http/index.js';
import { trackingErrors } from './tracking-errors.js';
import type { RunPosition } from './tracking-store.js';

const Key = Type.Tuple([Type.String(), Type.Number(), Type.Number(), Type.String()]);

/** A position as opaque text that is bound to its search: another filter or order refuses it. */
export function writePageToken(search: string, { rank, value, id }: RunPosition): string {
  return encodePageToken([fingerprint(search), rank, value, id]);
}

/** Throws TRK_PAGE_TOKEN_INVALID, HTTP_BAD_PAGE_TOKEN. */
export function readPageToken(search: string, token: string): RunPosition {
  const [of, rank = 0, value = 0, id = ''] = decodePageToken(token, Key) ?? [];
  if (of === fingerprint(search)) return { rank, value, id };
  throw trackingErrors.TRK_PAGE_TOKEN_INVALID('The page token was not made by this search.');
}

function fingerprint(search: string): string {
  return createHash('sha256').update(search).digest('hex').slice(0, 16);
}
