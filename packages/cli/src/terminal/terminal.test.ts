import { describe, expect, it } from 'vitest';
import { formatBytes, formatRatio, formatWhen, shortDigest } from './format.js';
import { printFacts, printTable } from './print-table.js';

const NOW_MS = Date.UTC(2026, 2, 1, 12);

describe('tables', () => {
  it('align by what is seen, not by escape sequences', () => {
    const table = printTable(
      ['a', 'n>'],
      [
        ['\u001b[31mred\u001b[39m', '1'],
        ['longer', '10'],
      ],
    );
    expect(table).toBe('a        n\n\u001b[31mred\u001b[39m      1\nlonger  10');
  });

  it('leave out facts that are not known', () => {
    expect(printFacts({ name: 'rain', at: null, by: undefined, 'made by': 'ada' })).toBe('name     rain\nmade by  ada');
  });
});

describe('words for people', () => {
  it('say how long ago within a day and when beyond it', () => {
    expect(formatWhen(NOW_MS - 4_000, NOW_MS)).toBe('just now');
    expect(formatWhen(NOW_MS - 42_300, NOW_MS)).toBe('42 s ago');
    expect(formatWhen(NOW_MS - 3 * 3_600_000 - 61_000, NOW_MS)).toBe('3 h ago');
    expect(formatWhen(NOW_MS - 3 * 86_400_000, NOW_MS)).toBe('2026-02-26 12:00');
    expect(formatWhen(null, NOW_MS)).toBe('');
  });

  it('shorten digests, sizes and shares', () => {
    expect(shortDigest('ab'.repeat(32))).toBe('abababababab');
    expect([0, 1023, 1536, 5 * 2 ** 20].map(formatBytes)).toEqual(['0 B', '1023 B', '1.5 KiB', '5.0 MiB']);
    expect([0, 0.2, 1 / 3, 1].map(formatRatio)).toEqual(['0 %', '20 %', '33.3 %', '100 %']);
  });
});
