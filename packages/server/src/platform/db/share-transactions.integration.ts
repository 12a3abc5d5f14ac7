import { systemActor } from '@fairlead/kernel';
import type { Kysely } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatheredOperation, Reader, RoomMigrations } from './db-types.js';
import { gather } from './gather.js';
import { rawQuery } from './raw-query.js';
import { openTestPostgres, type TestDb } from './testing.js';

const boxes: RoomMigrations = {
  room: 'boxes',
  migrations: [
    {
      id: '001-boxes',
      up: (db: Kysely<unknown>) =>
        db.schema
          .createTable('box')
          .addColumn('name', 'text', (c) => c.primaryKey())
          .addColumn('value', 'bigint', (c) => c.notNull())
          .execute(),
    },
  ],
};

const names = ['a', 'b', 'c', 'd'] as const;

describe('changes that share a transaction of PostgreSQL', () => {
  let test: TestDb;
  beforeAll(async () => {
    test = await openTestPostgres([boxes]);
    await share('a', (tx) => rawQuery(tx, `insert into box values ('a', 0), ('b', 0), ('c', 0), ('d', 0)`, []));
  });
  afterAll(() => test.dispose());

  const share = <T>(name: string, work: (tx: Reader) => Promise<T>) =>
    test.db.transact({ actor: systemActor }, work, { sharedBy: `box/${name}` });
  const raise = async (tx: Reader, name: string) => {
    const text = 'update box set value = value + 1 where name = ? returning value, txid_current() as id';
    const [row] = await rawQuery<{ value: number; id: number }>(tx, text, [name]);
    return row?.id;
  };
  const storedIn = async (name: string) =>
    (await rawQuery<{ value: number }>(test.db, 'select value from box where name = ?', [name]))[0]?.value;

  it('are in one when they come together under different names', async () => {
    const ids = await Promise.all(names.map((name) => share(name, (tx) => raise(tx, name))));
    expect(new Set(ids).size).toBe(1);
    const same = await Promise.all([share('a', (tx) => raise(tx, 'a')), share('a', (tx) => raise(tx, 'a'))]);
    expect(new Set(same).size).toBe(2);
    expect(await storedIn('a')).toBe(3);
  });

  it('send what they ask for in the same turn as one operation, and each gets its own answer', async () => {
    const asked: (readonly string[])[] = [];
    const valuesOf: GatheredOperation<string, number | undefined> = async (tx, wanted) => {
      asked.push(wanted);
      const text = 'select name, value from box where name = any(?::text[])';
      const rows = await rawQuery<{ name: string; value: number }>(tx, text, [wanted]);
      return wanted.map((name) => rows.find((row) => row.name === name)?.value);
    };
    const twice = async (tx: Reader, name: string) => {
      const before = await gather(tx, valuesOf, name);
      await raise(tx, name);
      return [before, await gather(tx, valuesOf, name)];
    };
    const told = await Promise.all(names.map((name) => share(name, (tx) => twice(tx, name))));
    expect(told.map(([before, after]) => Number(after) - Number(before))).toEqual([1, 1, 1, 1]);
    expect(asked[0]).toEqual(names);
    // The answers to the changes may come in several pieces, and so the second questions in several turns.
    expect(asked.flat().sort()).toEqual(names.flatMap((name) => [name, name]));
    expect(await gather(test.db, valuesOf, 'nothing')).toBeUndefined();
  });

  it('do not wait for one that needs a row which somebody else holds', async () => {
    const holder = new pg.Client({ connectionString: test.url });
    await holder.connect();
    try {
      await holder.query('begin');
      await holder.query(`select 1 from box where name = 'a' for update`);
      const before = await storedIn('b');
      const held = share('a', (tx) => raise(tx, 'a'));
      await share('b', (tx) => raise(tx, 'b'));
      expect(await storedIn('b')).toBe(Number(before) + 1);
      const was = await storedIn('a');
      await holder.query('commit');
      await held;
      expect(await storedIn('a')).toBe(Number(was) + 1);
    } finally {
      await holder.end();
    }
  });

  it('are each told when the connection breaks before the commit, and are made once or not at all', async () => {
    const before = await Promise.all(names.map(storedIn));
    let isFirst = true;
    const told = await Promise.allSettled(
      names.map((name) =>
        share(name, async (tx) => {
          await raise(tx, name);
          if (!isFirst || name !== 'd') return;
          isFirst = false;
          await rawQuery(tx, 'select pg_terminate_backend(pg_backend_pid())', []);
        }),
      ),
    );
    const after = await Promise.all(names.map(storedIn));
    const made = told.map(({ status }) => (status === 'fulfilled' ? 1 : 0));
    expect(after.map((value, i) => Number(value) - Number(before[i]))).toEqual(made);
    await share('a', (tx) => raise(tx, 'a'));
  });
});
