import { fixedClock, systemActor } from '@fairlead/kernel';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, RoomMigrations } from './db-types.js';
import { createEventDispatcher, type EventConsumer } from './event-dispatcher.js';
import { entryHash, GENESIS_HASH, type LedgerTables, readLedger } from './ledger.js';
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
      expect(new Set(seen).size).toBe(21);
      const rows = await db.sql<Tables>().selectFrom('box').select('name').where('name', 'like', 'seen-%').execute();
      expect(rows.length).toBe(21);
    });

    it('puts an event that never succeeds aside and goes on', async () => {
      const dispatcher = createEventDispatcher(db, { clock: fixedClock(7), maxAttempts: 2 });
      dispatcher.add({ name: 'broken', types: ['box.stored'], handle: async () => Promise.reject(new Error('never')) });
      for (let i = 0; i < 42; i += 1) await dispatcher.drain();
      const dead = await db.sql<LedgerTables>().selectFrom('ledger_dead_letter').selectAll().execute();
      expect(dead.length).toBe(21);
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
