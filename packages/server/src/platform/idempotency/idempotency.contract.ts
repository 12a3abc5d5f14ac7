import { type Clock, defineEvent, systemActor } from '@fairlead/kernel';
import type { Kysely } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeContext, Db, RoomMigrations } from '../db/index.js';
import type { openTestSqlite, TestDb } from '../db/testing.js';
import { createIdempotency, type Idempotency, idempotencyMigrations } from './index.js';

interface Tables {
  box: { id: string; name: string };
}

const boxes: RoomMigrations = {
  room: 'boxes',
  migrations: [
    {
      id: '001-boxes',
      up: (db: Kysely<unknown>) =>
        db.schema
          .createTable('box')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('name', 'text', (c) => c.notNull())
          .execute(),
    },
  ],
};
const boxMade = defineEvent<{ name: string }>('boxes.made', 'A box was made');

/** A promise and how it ends. */
function later<T>() {
  let end: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    end = resolve;
  });
  return { promise, end };
}

/** Repeats of requests without a key, on one engine. */
export function describeIdempotency(engine: string, openDb: typeof openTestSqlite): void {
  describe(`requests that make something, on ${engine}`, () => {
    let test: TestDb;
    let db: Db;
    let idempotency: Idempotency;
    let boxesMade = 0;
    let nowMs = 1_000_000;
    const clock: Clock = { nowMs: () => nowMs };
    const open = () =>
      createIdempotency({
        ...{ db, clock },
        onError: (error) => {
          throw error;
        },
      });

    beforeAll(async () => {
      test = await openDb([idempotencyMigrations, boxes]);
      db = test.db;
    });
    beforeEach(async () => {
      await db.transact({ actor: systemActor }, (tx) => tx.sql<Tables>().deleteFrom('box').execute());
      idempotency = open();
      nowMs += 3_600_000;
    });
    afterEach(() => idempotency.close());
    afterAll(() => test.dispose());

    const makeBox = async (context: ChangeContext, name: string) => {
      boxesMade += 1;
      const id = `box-${boxesMade}`;
      await db.transact(context, async (tx) => {
        await tx.sql<Tables>().insertInto('box').values({ id, name }).execute();
        tx.record(boxMade.of({ kind: 'box', id }, { name }));
      });
      return id;
    };
    const ids = async () => (await db.sql<Tables>().selectFrom('box').select('id').execute()).map(({ id }) => id);

    /** One request: what it was told, and how its connection ends. */
    const ask = (name = 'red', { actor = systemActor, work = makeBox } = {}) => {
      const heard = later<boolean>();
      const answer = idempotency.once(
        { context: { actor }, facts: { name }, kind: 'box', heard: heard.promise },
        {
          make: (context) => work(context, name),
          find: async (id) => ((await ids()).includes(id) ? id : undefined),
        },
      );
      return { answer, heard: heard.end };
    };
    const heardBox = async (...asked: Parameters<typeof ask>) => {
      const { answer, heard } = ask(...asked);
      await answer.finally(() => heard(true));
      return answer;
    };
    const lostBox = async (...asked: Parameters<typeof ask>) => {
      const { answer, heard } = ask(...asked);
      await answer.finally(() => heard(false));
      return answer;
    };

    it('make a thing each when the answers arrive', async () => {
      const both = [await heardBox(), await heardBox()];
      expect(new Set(both).size).toBe(2);
      expect(await ids()).toHaveLength(2);
    });

    it('make one thing when the first answer was lost, whoever loses it how often', async () => {
      const first = await lostBox();
      expect([await lostBox(), await lostBox(), await heardBox()]).toEqual([first, first, first]);
      expect(await ids()).toEqual([first]);
      expect(await heardBox()).not.toBe(first);
    });

    it('wait for each other: the second is told of the first when that was lost on its way', async () => {
      const gate = later<void>();
      const first = ask('red', {
        work: async (context, name) => {
          await gate.promise;
          return makeBox(context, name);
        },
      });
      const second = ask();
      first.heard(false);
      gate.end();
      expect(await second.answer).toBe(await first.answer);
      second.heard(true);
      expect(await ids()).toHaveLength(1);
    });

    it('stay two when they are sent together and both are heard', async () => {
      const [first, second] = [ask(), ask()];
      const made = await first.answer;
      first.heard(true);
      expect(await second.answer).not.toBe(made);
      second.heard(true);
    });

    it('remember what was made after the process was killed', async () => {
      const { answer } = ask();
      const first = await answer;
      idempotency = open();
      expect(await heardBox()).toBe(first);
      await idempotency.close();
      idempotency = open();
      expect(await heardBox()).not.toBe(first);
    });

    it('remember nothing of what was heard, after a stop', async () => {
      const first = await heardBox();
      await idempotency.close();
      idempotency = open();
      expect(await heardBox()).not.toBe(first);
    });

    it('are told apart by actor and content', async () => {
      const first = await lostBox();
      const somebody = { ...systemActor, id: 'somebody' };
      expect(await heardBox('red', { actor: somebody })).not.toBe(first);
      expect(await heardBox('blue')).not.toBe(first);
    });

    it('make the thing anew when it was deleted, or five minutes later', async () => {
      const first = await lostBox();
      await db.transact({ actor: systemActor }, (tx) => tx.sql<Tables>().deleteFrom('box').execute());
      const second = await lostBox();
      expect(second).not.toBe(first);
      nowMs += 5 * 60_000 + 1;
      expect(await heardBox()).not.toBe(second);
    });

    it('make what is named like something deleted, at once and again when that answer is lost', async () => {
      const named = async (context: ChangeContext, name: string) => {
        await db.transact(context, async (tx) => {
          await tx.sql<Tables>().insertInto('box').values({ id: name, name }).execute();
          tx.record(boxMade.of({ kind: 'box', id: name }, { name }));
        });
        return name;
      };
      const remove = () => db.transact({ actor: systemActor }, (tx) => tx.sql<Tables>().deleteFrom('box').execute());
      expect(await heardBox('named', { work: named })).toBe('named');
      await expect(heardBox('named', { work: named })).rejects.toThrow();
      await remove();
      expect(await lostBox('named', { work: named })).toBe('named');
      await new Promise((done) => setTimeout(done, 400));
      expect(await heardBox('named', { work: named })).toBe('named');
      await remove();
      expect(await lostBox('named', { work: named })).toBe('named');
    });

    it('may fail, and are tried again', async () => {
      const broken = async () => {
        throw new Error('broken');
      };
      await expect(lostBox('red', { work: broken })).rejects.toThrow('broken');
      const made = await heardBox();
      expect(await ids()).toEqual([made]);
    });

    it('keep nothing when the change is rolled back', async () => {
      const halfway = async (context: ChangeContext): Promise<string> =>
        db.transact(context, async (tx) => {
          tx.record(boxMade.of({ kind: 'box', id: 'never' }, { name: 'never' }));
          throw new Error('rolled back');
        });
      await expect(lostBox('red', { work: halfway })).rejects.toThrow('rolled back');
      expect(await heardBox()).not.toBe('never');
    });
  });
}
