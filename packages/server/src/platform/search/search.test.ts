import { describe, expect, it } from 'vitest';
import { openTestSqlite } from '../db/testing.js';
import { checkSearch, readPageToken, SEARCH_LIMITS, writePageToken } from './index.js';
import { describeSearch } from './search.contract.js';
import type { SearchRequest } from './search-types.js';

describeSearch('SQLite', openTestSqlite);

describe('a page token', () => {
  const search = { where: [{ field: 'value', comparison: '<', value: Number.POSITIVE_INFINITY }] };
  const token = writePageToken(search, [0, 'ä']);
  const invalid = expect.objectContaining({ code: 'SEARCH_PAGE_TOKEN_INVALID' });

  it('comes back as the position it was made from', () => {
    expect(readPageToken(search, token, ['number', 'text'])).toEqual([0, 'ä']);
  });

  it('is refused by another search', () => {
    const other = { where: [{ ...search.where[0], value: Number.NEGATIVE_INFINITY }] };
    expect(() => readPageToken(other, token, ['number', 'text'])).toThrow(invalid);
  });

  it.each(['', 'x', '!!', Buffer.from('{}').toString('base64url'), 'A'.repeat(100_000)])(
    'is refused as %.10s',
    (text) => {
      expect(() => readPageToken(search, text, ['number', 'text'])).toThrow(invalid);
    },
  );

  it('is refused with positions of another kind, though the fingerprint is right', () => {
    expect(() => readPageToken(search, token, ['text', 'text'])).toThrow(invalid);
    expect(() => readPageToken(search, token, ['number'])).toThrow(invalid);
    expect(() => readPageToken(search, writePageToken(search, [0, '\0']), ['number', 'text'])).toThrow(invalid);
  });
});

describe('a search request', () => {
  const codeOf = (request: Partial<SearchRequest<string>>) => {
    try {
      checkSearch({ limit: 10, ...request }, { maxLimit: 100 });
      return 'fine';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it.each([
    [{ limit: 0 }, 'SEARCH_INVALID'],
    [{ limit: 1.5 }, 'SEARCH_INVALID'],
    [{ limit: 101 }, 'SEARCH_TOO_LARGE'],
    [{ where: [{ field: 'a', comparison: '=', value: Number.NaN }] }, 'SEARCH_INVALID'],
    [{ where: [{ field: 'a', comparison: 'in', value: 'x' }] }, 'SEARCH_INVALID'],
    [{ where: [{ field: 'a', comparison: 'in', value: [] }] }, 'SEARCH_INVALID'],
    [{ where: [{ field: 'a', comparison: '=', value: ['x'] }] }, 'SEARCH_INVALID'],
    [{ where: [{ field: 'a', comparison: '=', value: 'a\0' }] }, 'SEARCH_INVALID'],
    [{ where: [{ field: 'a', comparison: '=', value: 'x'.repeat(SEARCH_LIMITS.text + 1) }] }, 'SEARCH_TOO_LARGE'],
    [{ where: Array(101).fill({ field: 'a', comparison: '=', value: 'x' }) }, 'SEARCH_TOO_LARGE'],
    [{ orderBy: Array(2).fill({ field: 'tag', key: 'k', direction: 'asc' }) }, 'SEARCH_INVALID'],
    [{ orderBy: [{ field: 'tag', key: '\ud800', direction: 'asc' }] }, 'SEARCH_INVALID'],
    [{ where: [{ field: 'tag', key: 'k', comparison: 'in', value: ['x', 'y'] }] }, 'fine'],
  ] as [Partial<SearchRequest<string>>, string][])('%#: %s', (request, code) => {
    expect(codeOf(request)).toBe(code);
  });
});
