import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeDb } from './db.contract.js';
import { openDb } from './open-db.js';
import { openTestSqlite } from './testing.js';

describeDb('SQLite', openTestSqlite);

describe('opening a database', () => {
  it('names the path when the file is no database', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'fairlead-db-')), 'not.db');
    writeFileSync(path, 'this is text, not a database file, and it is long enough to have a header');
    await expect(openDb({ url: path, rooms: [] })).rejects.toMatchObject({ code: 'DB_UNAVAILABLE' });
  });

  it('refuses an address of an unknown kind', async () => {
    await expect(openDb({ url: 'mysql://localhost/x', rooms: [] })).rejects.toMatchObject({
      code: 'DB_URL_UNSUPPORTED',
    });
  });

  it('refuses a database that a newer version has migrated', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'fairlead-db-')), 'new.db');
    const newer = await openDb({
      url: path,
      rooms: [{ room: 'future', migrations: [{ id: '001-x', up: async () => {} }] }],
    });
    await newer.close();
    await expect(openDb({ url: path, rooms: [] })).rejects.toMatchObject({ code: 'DB_NEWER_SCHEMA' });
  });
});
