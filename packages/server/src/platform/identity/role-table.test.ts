import { readFileSync } from 'node:fs';
import { type Actor, ROLES } from '@fairlead/kernel';
import { describe, expect, it } from 'vitest';
import { ACTIONS, can } from './index.js';

const page = readFileSync(new URL('../../../../../docs/guide/roles.md', import.meta.url), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe('the role table of the guide', () => {
  it('names every role in the order of the code', () => {
    expect(rows[0]).toEqual(['to', ...ROLES]);
  });

  it('says of every action that not all roles may do exactly who may', () => {
    const allowed = (action: string) =>
      ROLES.map((role): Actor => ({ kind: 'user', id: 'ada', roles: [role], authenticated: true })).map((actor) =>
        can(actor, action) ? '✓' : '',
      );
    const expected = ACTIONS.map((action) => [`\`${action}\``, ...allowed(action)]).filter((row) => row.includes(''));
    expect(rows.slice(1)).toEqual(expected);
  });
});
