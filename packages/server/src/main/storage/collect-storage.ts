import type { Clock } from '@fairlead/kernel';
import { type ChangeContext, type Db, longTexts } from '../../platform/db/index.js';
import {
  type CollectReport,
  collectGarbage,
  digestsIn,
  type ObjectHolder,
  type ObjectStore,
} from '../../platform/objects/index.js';
import { storageCollected } from './storage-events.js';

export interface StorageDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly clock: Clock;
}

/**
 * Whatever any room, the jobs or the people's table say in any text of the database, the ledger left out. The rooms are not
 * asked one by one: one that forgot a column would lose bytes, and this way the worst that can happen is that some stay.
 */
function databaseHolder(db: Db): ObjectHolder {
  return {
    name: 'database',
    held: async function* (signal) {
      for await (const text of longTexts(db, signal)) yield* digestsIn(text);
    },
  };
}

/** Removes stored bytes that nobody refers to, or says what would go. One at a time: a second call waits for the first. */
export function createStorageCollector({ db, objects, clock }: StorageDeps) {
  let last: Promise<unknown> = Promise.resolve();
  return (context: ChangeContext, options: { dryRun: boolean; graceMs: number }): Promise<CollectReport> => {
    const work = last
      .catch(() => undefined)
      .then(async () => {
        const report = await collectGarbage(objects, [databaseHolder(db)], { ...options, nowMs: clock.nowMs() });
        if (report.removed > 0 && !report.dryRun) {
          const { removed, removedBytes } = report;
          await db.transact(context, async (tx) => {
            const payload = { objects: report.objects, removed, removedBytes };
            tx.record(storageCollected.of({ kind: 'storage', id: 'objects' }, payload));
          });
        }
        return report;
      });
    last = work;
    return work;
  };
}
