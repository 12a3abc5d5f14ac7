import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { decodePageToken, encodePageToken } from './index.js';

const schema = Type.Tuple([Type.Number(), Type.String()]);

describe('a page token', () => {
  it('comes back as the key it was made from', () => {
    expect(decodePageToken(encodePageToken([3, 'ä']), schema)).toEqual([3, 'ä']);
    expect(decodePageToken(undefined, schema)).toBeUndefined();
  });

  it.each(['x', '!!!', encodePageToken(['3', 'a']), encodePageToken({}), encodePageToken([3, '\0']), 'A'.repeat(3000)])(
    'is refused when it is not one of the list: %s',
    (token) => {
      expect(() => decodePageToken(token, schema)).toThrow(expect.objectContaining({ code: 'HTTP_BAD_PAGE_TOKEN' }));
    },
  );
});
