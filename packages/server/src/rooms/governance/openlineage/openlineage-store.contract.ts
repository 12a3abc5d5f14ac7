import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, RoomMigrations } from '../../../platform/db/index.js';
import type { TestDb } from '../../../platform/db/testing.js';
import { governanceMigrations } from '../governance-migrations.js';
import { externalId } from './openlineage-names.js';
import { sqlOpenLineageStore } from './openlineage-store.sql.js';
import type { StoredEvent } from './openlineage-types.js';

const context = { actor: systemActor };
const store = sqlOpenLineageStore(externalId);
const event = (id: string, change: Partial<StoredEvent> = {}): StoredEvent => ({
  id,
  receivedAtMs: 10,
  eventAtMs: 5,
  kind: 'run',
  eventType: 'START',
  namespace: 'n',
  name: 'j',
  runId: 'r1',
  event: { id, deep: { 'a.b': [1, null, 'é"'] } },
  ...change,
});

/** What every store of OpenLineage events must do. */
export function describeOpenLineageStore(
  engine: string,
  open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>,
): void {
  describe(`OpenLineage events on ${engine}`, () => {
    let test: TestDb;
    let db: Db;
    beforeAll(async () => {
      test = await open([governanceMigrations]);
      db = test.db;
    });
    afterAll(() => test.dispose());
    const insert = (...events: StoredEvent[]) => db.transact(context, (tx) => store.insert(tx, events));
    const ids = (events: readonly StoredEvent[]) => events.map(({ id }) => id);

    it('are kept once, as they came, and found by run, by name and page by page', async () => {
      const given = [
        event('a'),
        event('b', { eventAtMs: 9, eventType: 'COMPLETE' }),
        event('c', { runId: 'r2', receivedAtMs: 20, name: 'k' }),
        event('d', {
          kind: 'dataset',
          runId: null,
          eventType: null,
          namespace: 'x'.repeat(4_000),
          name: 'y'.repeat(4_000),
        }),
      ];
      expect(ids(await insert(...given))).toEqual(['a', 'b', 'c', 'd']);
      expect(ids(await insert(event('a', { receivedAtMs: 99 }), event('e', { receivedAtMs: 30 })))).toEqual(['e']);
      const all = await store.find(db, { limit: 10 });
      expect(ids(all)).toEqual(['e', 'c', 'd', 'b', 'a']);
      expect(all.at(-1)).toEqual(event('a'));
      const pages = await store.find(db, { limit: 10, after: { receivedAtMs: 10, id: 'd' } });
      expect(ids(pages)).toEqual(['b', 'a']);
      expect(ids(await store.find(db, { runId: 'r2', limit: 10 }))).toEqual(['c']);
      expect(ids(await store.find(db, { namespace: 'n', name: 'k', limit: 10 }))).toEqual(['c']);
      expect(ids(await store.find(db, { name: 'y'.repeat(4_000), limit: 10 }))).toEqual(['d']);
      expect(ids(await store.lastOfRuns(db, ['r1', 'r2', 'r3'])).sort()).toEqual(['b', 'c']);
    });

    it('wait in the order of the ledger until they were delivered or refused', async () => {
      const change = (work: (tx: Parameters<typeof store.enqueue>[0]) => Promise<void>) => db.transact(context, work);
      for (const seq of [7, 5, 2 ** 40, 5]) await change((tx) => store.enqueue(tx, seq));
      const waiting = async () => (await store.waiting(db, 10)).map(({ seq }) => seq);
      expect(await waiting()).toEqual([5, 7, 2 ** 40]);
      await change((tx) => store.delivered(tx, 5));
      await change((tx) => store.refused(tx, { seq: 7, atMs: 1, reason: 'status 422' }));
      await change((tx) => store.refused(tx, { seq: 7, atMs: 2, reason: 'status 400' }));
      expect(await waiting()).toEqual([2 ** 40]);
    });
  });
}
