import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepPrepared } from './prepared-statements.js';

let folder = '';
const open = () => {
  const database = new Database(join(folder, 'a.db'));
  database.exec('PRAGMA journal_mode = WAL');
  return { database, connection: keepPrepared(database) };
};

describe('the statements of a connection', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fairlead-prepared-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are prepared once and run with other parameters, after failures, rollbacks and changes of the schema', () => {
    const { connection } = open();
    const run = (text: string, ...parameters: unknown[]) => connection.prepare(text).run(parameters);
    const all = (text: string, ...parameters: unknown[]) => connection.prepare(text).all(parameters);
    run('create table box (name text primary key)');
    const insert = 'insert into box (name) values (?)';
    const select = 'select * from box where name >= ? order by name';
    run(insert, 'a');
    expect(connection.prepare(insert)).toBe(connection.prepare(insert));
    expect(() => run(insert, 'a')).toThrow(/UNIQUE/);
    run('begin');
    run(insert, 'b');
    expect(() => run(insert, 'b')).toThrow(/UNIQUE/);
    run('rollback');
    run(insert, 'c');
    expect(all(select, 'a')).toEqual([{ name: 'a' }, { name: 'c' }]);
    run('alter table box add column size integer default 1');
    expect(all(select, 'b')).toEqual([{ name: 'c', size: 1 }]);
    connection.close();
  });

  it('hold nothing that keeps another connection from writing or shortening the log', () => {
    const [{ connection }, other] = [open(), open()];
    connection.prepare('create table box (name text primary key)').run([]);
    expect(connection.prepare('select * from box').all([])).toEqual([]);
    other.database.exec(`insert into box values ('a')`);
    expect(other.database.prepare('pragma wal_checkpoint(truncate)').all()).toMatchObject([{ busy: 0 }]);
    expect(connection.prepare('select * from box').all([])).toEqual([{ name: 'a' }]);
    connection.close();
    other.connection.close();
  });

  it('are forgotten when others have been used since', () => {
    const { connection } = open();
    const first = connection.prepare('select 0');
    for (let i = 1; i <= 300; i += 1) connection.prepare(`select ${i}`);
    expect(connection.prepare('select 0')).not.toBe(first);
    expect(connection.prepare('select 300')).toBe(connection.prepare('select 300'));
    connection.close();
  });
});
