import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTestSqlite } from '../db/testing.js';
import { describeIdentity } from './identity.contract.js';
import { loadPepper } from './load-pepper.js';

describeIdentity('SQLite', openTestSqlite);

describe('the key file', () => {
  it('is never replaced when it is damaged: every token hangs on it', () => {
    const home = mkdtempSync(join(tmpdir(), 'fairlead-pepper-'));
    writeFileSync(join(home, 'identity-pepper'), 'short');
    expect(() => loadPepper(home)).toThrow(expect.objectContaining({ code: 'IDN_PEPPER_UNREADABLE' }));
    const other = join(home, 'other');
    mkdirSync(join(other, 'identity-pepper'), { recursive: true });
    expect(() => loadPepper(other)).toThrow(expect.objectContaining({ code: 'IDN_PEPPER_UNREADABLE' }));
  });
});
