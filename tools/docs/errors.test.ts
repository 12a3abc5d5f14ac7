import { describe, expect, it } from 'vitest';
import { assertLawful, present } from './errors.mjs';

const spec = (status: number, fault: 'user' | 'system') => ({ status, fault, title: 'A | B', remedy: 'Do it.' });
const owned = (table: Record<string, ReturnType<typeof spec>>, source = 'a-errors.ts') => ({
  owner: 'a',
  source,
  table,
});

describe('the error tables', () => {
  it('refuse one code in two places', () => {
    const table = { REG_LOST: spec(404, 'user') };
    expect(() => assertLawful([owned(table), owned(table, 'b-errors.ts')])).toThrow('a-errors.ts and in b-errors.ts');
  });

  it('refuse to answer a mistake of the user with a 5xx', () => {
    expect(() => assertLawful([owned({ REG_LOST: spec(500, 'user') })])).toThrow('contradicts fault user');
    expect(() => assertLawful([owned({ REG_DIGEST: spec(409, 'system') })])).not.toThrow();
  });

  it('refuse a code without its room', () => {
    expect(() => assertLawful([owned({ LOST: spec(404, 'user') })])).toThrow('ROOM_WHAT_HAPPENED');
  });
});

describe('the page', () => {
  it('is the same for any order of declaration and keeps its table whole', () => {
    const a = { owner: 'a', source: 'a', table: { A_TWO: spec(400, 'user'), A_ONE: spec(400, 'user') } };
    const b = { owner: 'b', source: 'b', table: { B_ONE: spec(503, 'system') } };
    const page = present([b, a]);
    expect(page).toBe(present([a, b]));
    expect(page.indexOf('A_ONE')).toBeLessThan(page.indexOf('A_TWO'));
    expect(page).toContain('| A \\| B |');
  });
});
