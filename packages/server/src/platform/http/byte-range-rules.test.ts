import { describe, expect, it } from 'vitest';
import { readByteRange } from './byte-range-rules.js';

describe('a Range header', () => {
  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=10-19', 10, 20],
    ['bytes=90-1000', 90, 100],
    ['bytes=99-', 99, 100],
    ['bytes=0-', 0, 100],
    ['bytes=-5', 95, 100],
    ['bytes=-500', 0, 100],
    ['bytes= 1 - 2 ', 1, 3],
  ])('%s asks for a part', (header, start, end) => {
    expect(readByteRange(header, 100)).toEqual({ verdict: 'part', start, end });
  });

  it.each(['bytes=100-', 'bytes=100-200', 'bytes=-0'])('%s asks for nothing there is', (header) => {
    expect(readByteRange(header, 100)).toEqual({ verdict: 'unsatisfiable' });
  });

  it.each([undefined, '', 'bytes=', 'bytes=-', 'bytes=2-1', 'bytes=0-1,5-6', 'lines=1-2', 'bytes=a-b', 'bytes=0x1-2'])(
    '%s is answered with everything',
    (header) => {
      expect(readByteRange(header, 100)).toEqual({ verdict: 'whole' });
    },
  );

  it('finds no part in an empty file', () => {
    expect(readByteRange('bytes=0-', 0)).toEqual({ verdict: 'unsatisfiable' });
    expect(readByteRange(undefined, 0)).toEqual({ verdict: 'whole' });
  });
});
