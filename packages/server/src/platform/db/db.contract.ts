import { fixedClock, systemActor } from '@fairlead/kernel';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, Reader, RoomMigrations } from './db-types.js';
import { createEventDispatcher, type EventConsumer } from './event-dispatcher.js';
import { entryHash, GENESIS_HASH, type LedgerTables, readLedger } from './ledger.js';
import { rawEach, rawQuery } from './raw-query.js';
import type { TestDb } from './testing.js';

interface Tables {
  box: { name: string; value: number };
}

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

const stored = (name: string) => ({ type: 'box.stored', subject: { kind: 'box', id: name }, payload: { name } });

const insertBox = (tx: Reader, name: string) => tx.sql<Tables>().insertInto('box').values({ name, value: 1 }).execute();

/** What every engine must do; run on SQLite by `npm test` and on PostgreSQL by the integration suite. */
export function describeDb(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`a database on ${engine}`, () => {
    let test: TestDb;
    let db: Db;
    beforeAll(async () => {
      test = await open([boxes]);
      db = test.db;
    });
    afterAll(() => test.dispose());

    const store = (name: string, value: number) =>
      db.transact({ actor: systemActor, requestId: 'r1' }, async (tx) => {
        await tx.sql<Tables>().insertInto('box').values({ name, value }).execute();
        tx.record(stored(name));
      });

    it('keeps the change and its event together', async () => {
      await store('a', 2 ** 40);
      const row = await db.sql<Tables>().selectFrom('box').selectAll().executeTakeFirstOrThrow();
      expect(row).toEqual({ name: 'a', value: 2 ** 40 });
      const events = await readLedger(db, { afterSeq: 0, limit: 10 });
      expect(events.at(-1)).toMatchObject({ type: 'box.stored', requestId: 'r1', actor: systemActor, outcome: 'ok' });
    });

    it('loses both when the work fails', async () => {
      const before = await readLedger(db, { afterSeq: 0, limit: 100 });
      await expect(store('a', 1)).rejects.toThrow();
      expect(await readLedger(db, { afterSeq: 0, limit: 100 })).toEqual(before);
    });

    it('chains every entry to the one before it, also under concurrent writers', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, i) => store(`c${i}`, i)));
      const rows = await db.sql<LedgerTables>().selectFrom('ledger').selectAll().orderBy('seq').execute();
      let previous = GENESIS_HASH;
      for (const [index, row] of rows.entries()) {
        expect(row.seq).toBe(index + 1);
        expect(row.previous_hash).toBe(previous);
        expect(row.hash).toBe(entryHash(previous, row));
        previous = row.hash;
      }
    });

    it('keeps changes that come together apart: one that fails takes back its own and nothing else', async () => {
      const before = (await readLedger(db, { afterSeq: 0, limit: 1000 })).length;
      const told = await Promise.allSettled(
        Array.from({ length: 30 }, (_, i) =>
          db.transact({ actor: systemActor }, async (tx) => {
            await insertBox(tx, `apart${i}`);
            tx.record({ ...stored(`apart${i}`), type: 'box.put' });
            if (i % 3 === 0) throw new Error(`not ${i}`);
            // An engine's own refusal, in the middle of the others.
            if (i % 3 === 1) await insertBox(tx, `apart${i}`);
            return i;
          }),
        ),
      );
      const good = told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(good).toEqual([2, 5, 8, 11, 14, 17, 20, 23, 26, 29]);
      expect(told[3]).toMatchObject({ reason: { message: 'not 3' } });
      const rows = await db.sql<Tables>().selectFrom('box').select('name').where('name', 'like', 'apart%').execute();
      expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(good.map((i) => `apart${i}`)));
      const events = (await readLedger(db, { afterSeq: 0, limit: 1000 })).slice(before);
      expect(new Set(events.map(({ subject }) => subject.id))).toEqual(new Set(good.map((i) => `apart${i}`)));
    });

    it('keeps changes that share a transaction apart as well, whichever of them fails', async () => {
      const { length: before } = await readLedger(db, { afterSeq: 0, limit: 1000 });
      const told = await Promise.allSettled(
        Array.from({ length: 30 }, (_, i) =>
          db.transact(
            { actor: systemActor, requestId: `request${i}` },
            async (tx) => {
              await insertBox(tx, `shared${i}`);
              tx.record(stored(`shared${i}`));
              if (i === 3) throw new Error(`not ${i}`);
              if (i === 14) await insertBox(tx, `shared${i}`);
              return i;
            },
            { sharedBy: `box/${i}` },
          ),
        ),
      );
      const bad = told.flatMap((one, i) => (one.status === 'rejected' ? [i] : []));
      expect(bad).toEqual([3, 14]);
      expect(told[3]).toMatchObject({ reason: { message: 'not 3' } });
      const rows = await db.sql<Tables>().selectFrom('box').select('name').where('name', 'like', 'shared%').execute();
      expect(rows).toHaveLength(28);
      const events = (await readLedger(db, { afterSeq: 0, limit: 1000 })).slice(before);
      expect(new Set(events.map(({ subject, requestId }) => `${subject.id} of ${requestId}`))).toEqual(
        new Set(rows.map(({ name }) => `${name} of ${name.replace('shared', 'request')}`)),
      );
      await db.transact({ actor: systemActor }, (tx) =>
        tx.sql<Tables>().deleteFrom('box').where('name', 'like', 'shared%').execute(),
      );
    });

    it('makes shared changes of one name one after the other, each with what the one before left', async () => {
      await db.transact({ actor: systemActor }, (tx) =>
        tx.sql<Tables>().insertInto('box').values({ name: 'counted', value: 0 }).execute(),
      );
      await Promise.all(
        Array.from({ length: 20 }, () =>
          db.transact(
            { actor: systemActor },
            async (tx) => {
              const counted = tx.sql<Tables>().selectFrom('box').select('value').where('name', '=', 'counted');
              const { value } = await counted.executeTakeFirstOrThrow();
              await tx
                .sql<Tables>()
                .updateTable('box')
                .set({ value: value + 1 })
                .where('name', '=', 'counted')
                .execute();
            },
            { sharedBy: 'box/counted' },
          ),
        ),
      );
      const counted = db.sql<Tables>().selectFrom('box').select('value').where('name', '=', 'counted');
      expect(await counted.executeTakeFirstOrThrow()).toEqual({ value: 20 });
    });

    it('tells nobody of a change before others can read it', async () => {
      let called = 0;
      await Promise.all(
        Array.from({ length: 10 }, async (_, i) => {
          await db.transact({ actor: systemActor }, async (tx) => {
            await insertBox(tx, `read${i}`);
            tx.afterCommit(() => {
              called += 1;
            });
          });
          const row = await db.sql<Tables>().selectFrom('box').selectAll().where('name', '=', `read${i}`).execute();
          expect(row).toHaveLength(1);
        }),
      );
      expect(called).toBe(10);
    });

    it('tells nobody of a change before long reads see it, whoever shares its commit', async () => {
      const seen = await Promise.all(
        Array.from({ length: 40 }, async (_, i) => {
          await db.transact({ actor: systemActor }, (tx) => insertBox(tx, `seen${i}`));
          const sql = db.longReads.sql<Tables>();
          return (await sql.selectFrom('box').select('name').where('name', '=', `seen${i}`).execute()).length;
        }),
      );
      expect(seen).toEqual(seen.map(() => 1));
    });

    it('gives the same rows and the same errors to long reads as to others', async () => {
      for (const text of [
        `select cast('é✓' as text) as t, 1.5 as x, null as x0, 3 as a, 4 as a`,
        'select name, value from box where value >= ? order by name',
      ]) {
        const parameters = text.includes('?') ? [1] : [];
        expect(await db.longReads.run(text, parameters)).toEqual(await db.run(text, parameters));
      }
      const told = (reader: Reader) =>
        reader.run('select x from nowhere', []).catch(({ code, message }) => ({ code, message }));
      expect(await told(db.longReads)).toEqual(await told(db));
      expect(await told(db)).toMatchObject({ code: expect.any(String), message: expect.stringContaining('nowhere') });
    });

    it('lets nothing run in a transaction that has ended', async () => {
      let leaked: Reader | undefined;
      await db.transact({ actor: systemActor }, async (tx) => {
        leaked = tx;
      });
      await expect(leaked?.run('select 1 as one', [])).rejects.toThrow(/has ended/);
      expect(() => leaked?.sql()).toThrow(/has ended/);
    });

    it('runs ready texts with their parameters, inside and outside of transactions', async () => {
      const text = 'select name, value from box where name = ? and value >= ?';
      const inside = await db.transact({ actor: systemActor }, async (tx) => {
        await rawQuery(tx, 'insert into box (name, value) values (?, ?)', ['ready', 7]);
        return rawQuery(tx, text, ['ready', 7]);
      });
      expect(inside).toEqual([{ name: 'ready', value: 7 }]);
      expect(await rawQuery(db, text, ['ready', 7])).toEqual(inside);
      expect(await rawQuery(db, text, ['ready', 8])).toEqual([]);
    });

    it('gives rows one by one, and goes on when they are not taken or there are none to give', async () => {
      const text = `with recursive n (i) as (select 1 union all select i + 1 from n where i < ?)
        select i, ? as label from n order by i`;
      const rows = (count: number) => ({ text, parameters: [count, 'odd'] });
      const read = async (from: Reader, count: number) => {
        const found: unknown[] = [];
        await rawEach(from, rows(count), (row) => found.push(row));
        return found;
      };
      const expected = Array.from({ length: 3000 }, (_, i) => ({ i: i + 1, label: 'odd' }));
      expect(await read(db.longReads, 3000)).toEqual(expected);
      expect(await read(db, 2)).toEqual(expected.slice(0, 2));
      let taken = 0;
      const refused = rawEach(db.longReads, rows(3000), () => {
        taken += 1;
        throw new Error('not this one');
      });
      await expect(refused).rejects.toThrow('not this one');
      expect(taken).toBe(1);
      await expect(rawEach(db.longReads, { text: 'select no_such_column', parameters: [] }, () => {})).rejects.toThrow(
        /no_such_column/,
      );
      expect(await Promise.all([read(db.longReads, 1), read(db.longReads, 2)])).toEqual([
        expected.slice(0, 1),
        expected.slice(0, 2),
      ]);
      const inside = await db.transact({ actor: systemActor }, (tx) => read(tx, 1));
      expect(inside).toEqual(expected.slice(0, 1));
    });

    it('refuses to edit or delete history', async () => {
      const sql = db.sql<LedgerTables>();
      await expect(sql.updateTable('ledger').set({ actor_id: 'x' }).execute()).rejects.toThrow(/append-only/);
      await expect(sql.deleteFrom('ledger').execute()).rejects.toThrow(/append-only/);
    });

    it('delivers each event once, in order, together with what the consumer writes', async () => {
      const seen: number[] = [];
      let failures = 2;
      const dispatcher = createEventDispatcher(db, { clock: fixedClock(0) });
      dispatcher.add({
        name: 'counter',
        types: ['box.stored'],
        handle: async (event, tx) => {
          await tx
            .sql<Tables>()
            .insertInto('box')
            .values({ name: `seen-${event.seq}`, value: 1 })
            .execute();
          if (failures-- > 0) throw new Error('not yet');
          seen.push(event.seq);
        },
      });
      await dispatcher.drain();
      await dispatcher.drain();
      await dispatcher.drain();
      await dispatcher.drain();
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(new Set(seen).size).toBe(49);
      const rows = await db.sql<Tables>().selectFrom('box').select('name').where('name', 'like', 'seen-%').execute();
      expect(rows.length).toBe(49);
    });

    it('hands a consumer only what it says concerns it, and passes the rest', async () => {
      const seen: string[] = [];
      const asked: number[] = [];
      const dispatcher = createEventDispatcher(db, { clock: fixedClock(0) });
      dispatcher.add({
        name: 'choosy',
        types: [],
        interest: async () => {
          asked.push(seen.length);
          return ({ subject }) => subject.id === 'c7' || subject.id === 'c3';
        },
        handle: async ({ subject }) => void seen.push(subject.id),
      });
      await dispatcher.drain();
      expect([...seen].sort()).toEqual(['c3', 'c7']);
      const events = await readLedger(db, { afterSeq: 0, limit: 1000 });
      const cursors = db.sql<LedgerTables>().selectFrom('ledger_cursor').selectAll().where('consumer', '=', 'choosy');
      expect(await cursors.executeTakeFirst()).toEqual({ consumer: 'choosy', seq: events.at(-1)?.seq });
      expect(asked.length).toBeLessThanOrEqual(2);
    });

    it('puts an event that never succeeds aside and goes on', async () => {
      const dispatcher = createEventDispatcher(db, { clock: fixedClock(7), maxAttempts: 2 });
      dispatcher.add({ name: 'broken', types: ['box.stored'], handle: async () => Promise.reject(new Error('never')) });
      for (let i = 0; i < 98; i += 1) await dispatcher.drain();
      const dead = await db.sql<LedgerTables>().selectFrom('ledger_dead_letter').selectAll().execute();
      expect(dead.length).toBe(49);
      expect(dead[0]).toMatchObject({ consumer: 'broken', error: 'never', at_ms: 7 });
    });

    it('begins with the next event when a consumer asks for that, and with the first one otherwise', async () => {
      const seen: number[] = [];
      const late = (): EventConsumer => ({
        name: 'late',
        types: ['box.stored'],
        from: 'now',
        handle: async ({ seq }) => void seen.push(seq),
      });
      const dispatcher = createEventDispatcher(db, { clock: fixedClock(0) });
      dispatcher.add(late());
      await dispatcher.drain();
      expect(seen).toEqual([]);
      await db.transact({ actor: systemActor }, async (tx) => tx.record(stored('after')));
      const again = createEventDispatcher(db, { clock: fixedClock(0) });
      again.add(late());
      await again.drain();
      expect(seen).toHaveLength(1);
    });

    it('tells the time by its own clock', async () => {
      expect(Math.abs((await db.nowMs()) - Date.now())).toBeLessThan(60_000);
    });
  });
}
