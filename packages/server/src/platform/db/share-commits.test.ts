import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connections } from './engine.js';
import { sqliteConnection } from './open-sqlite.js';
import { rawQuery } from './raw-query.js';
import { type SharedCommits, shareCommits } from './share-commits.js';

let folder = '';
let commits = 0;
let database: Database.Database;
let transact: Connections['transact'];
let between: SharedCommits['between'];

const put = (name: string, bytes = 1) =>
  transact(async (reader) => ({
    value: name,
    closing: rawQuery(reader, 'insert into box (name, content) values (?, zeroblob(?))', [name, bytes]),
  }));
const names = () => {
  const other = new Database(join(folder, 'a.db'));
  const rows = other.prepare('select name from box order by name').all() as { name: string }[];
  other.close();
  return rows.map(({ name }) => name);
};

describe('transactions of one writer', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fairlead-commits-'));
    database = new Database(join(folder, 'a.db'));
    database.exec('pragma journal_mode = wal');
    database.exec('create table box (name text primary key, content blob)');
    const { reader, exec } = sqliteConnection(database);
    commits = 0;
    ({ transact, between } = shareCommits(reader, (text) => {
      exec(text);
      if (text === 'commit') commits += 1;
    }));
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('share one commit when they come together, and keep their order', async () => {
    const order: string[] = [];
    await Promise.all(['c', 'a', 'b'].map((name) => put(name).then((done) => order.push(done))));
    expect(order).toEqual(['c', 'a', 'b']);
    expect(names()).toEqual(['a', 'b', 'c']);
    expect(commits).toBe(1);
    await put('d');
    expect(commits).toBe(2);
  });

  it('are all refused when SQLite gives the whole transaction up, and the next one works', async () => {
    await put('before');
    database.exec(
      `pragma max_page_count = ${(database.prepare('pragma page_count').get() as { page_count: number }).page_count + 3}`,
    );
    const told = await Promise.allSettled([put('small'), put('large', 1_000_000), put('late')]);
    const kept = told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(told[1]).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/full/) } });
    // What was answered with success is there, and nothing else.
    expect(names()).toEqual(['before', ...kept].sort());
    database.exec('pragma max_page_count = 1000000');
    await put('after');
    expect(names()).toEqual(['after', 'before', ...kept].sort());
  });

  it('leave room between them for what must not happen inside of one, also when nobody writes', async () => {
    const wasInside: boolean[] = [];
    const look = () => between(() => void wasInside.push(database.inTransaction));
    await look();
    await Promise.all([put('a'), look(), put('b'), look(), put('c')]);
    expect(wasInside).toEqual([false, false, false]);
    await expect(
      between(() => {
        throw new Error('not now');
      }),
    ).rejects.toThrow('not now');
    await put('d');
    expect(names()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are refused one by one while another program holds the file', async () => {
    database.exec('pragma busy_timeout = 1');
    const other = new Database(join(folder, 'a.db'));
    other.exec('begin immediate');
    const told = await Promise.allSettled([put('x'), put('y')]);
    expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    other.exec('rollback');
    other.close();
    await put('z');
    expect(names()).toEqual(['z']);
  });
});
