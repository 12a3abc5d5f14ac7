import { describe, expect, it } from 'vitest';
import { counted, megabytes, milliseconds, rounded, share } from './measure-words.js';

describe('measures in words', () => {
  it('have a unit and no more digits than people read', () => {
    expect([share(0.005), share(1 / 3), share(-0.025431), share(0)]).toEqual(['0.5 %', '33.33 %', '-2.54 %', '0 %']);
    expect([0, 0.12345, 3.1356, 36.4516, 2503.06].map(milliseconds)).toEqual([
      '0 ms',
      '0.123 ms',
      '3.14 ms',
      '36.5 ms',
      '2503.1 ms',
    ]);
    expect(megabytes(19_017_700)).toBe('19 MB');
    expect(rounded(0.083649)).toBe('0.0836');
  });

  it('count one thing as one', () => {
    expect(counted(1, 'delivery', 'deliveries')).toBe('1 delivery');
    expect(counted(0, 'request')).toBe('0 requests');
  });
});
