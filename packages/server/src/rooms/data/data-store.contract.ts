import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, RoomMigrations, Tx } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import { dataMigrations } from './data-migrations.js';
import { sqlDataStore as store } from './data-store.sql.js';
import type { Dataset, DatasetVersion, Delivery, Split } from './data-types.js';

const dataset: Dataset = {
  name: 'weather',
  spec: { source: { path: 'weather.csv' } },
  contractDigest: 'c1',
  inferredColumns: null,
  latestVersionId: null,
  createdAtMs: 1_700_000_000_000,
  updatedAtMs: 1_700_000_000_000,
};

const version = (id: string, number: number): DatasetVersion => ({
  id,
  dataset: 'weather',
  number,
  rows: 3,
  files: [{ digest: 'f', rows: 3, sizeBytes: 10, deliveryId: 'd1' }],
  columns: [{ name: 'wind', type: 'number' }],
  contractDigest: 'c1',
  label: null,
  time: null,
  entity: [],
  parentId: null,
  createdAtMs: 5,
});

const delivery = (id: string, outcome: Delivery['outcome'], versionId: string | null): Delivery => ({
  id,
  dataset: 'weather',
  outcome,
  source: 'weather.csv',
  sourceDigest: 's',
  receivedRows: 3,
  acceptedRows: 3,
  rejectedRows: 0,
  faultyRows: 0,
  skippedRows: 0,
  ignoredColumns: [],
  sourceFiles: [],
  reasons: {},
  checks: [],
  quarantineDigest: null,
  versionId,
  receivedAtMs: 5,
});

const split: Split = {
  id: 'split',
  versionId: 'v2',
  spec: { by: 'random', parts: { train: 1 }, seed: 0 },
  parts: [],
  unusedRows: 0,
  unused: { noLabel: 0, outside: 0, labelOverlap: 0 },
  createdAtMs: 6,
};

/** What every engine must do; run on SQLite by `npm test` and on PostgreSQL by the integration suite. */
export function describeDataStore(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`the data store on ${engine}`, () => {
    let test: TestDb;
    let db: Db;
    beforeAll(async () => {
      test = await open([dataMigrations]);
      db = test.db;
    });
    afterAll(() => test.dispose());
    const write = <T>(work: (tx: Tx) => Promise<T>) => db.transact({ actor: systemActor }, work);

    it('gives back what it was given and keeps birthday and latest version through a new declaration', async () => {
      await write((tx) => store.saveDataset(tx, dataset));
      expect(await store.dataset(db, 'weather')).toEqual(dataset);
      await write((tx) => store.moveLatest(tx, 'weather', { expected: null, latest: 'v1' }));
      const changed = { ...dataset, inferredColumns: { wind: { type: 'number' as const } }, createdAtMs: 1 };
      await write((tx) => store.saveDataset(tx, changed));
      expect(await store.datasets(db)).toEqual([
        { ...changed, latestVersionId: 'v1', createdAtMs: dataset.createdAtMs },
      ]);
      expect(await store.dataset(db, 'nothing')).toBeUndefined();
    });

    it('moves the latest version only from where the caller saw it', async () => {
      expect(await write((tx) => store.moveLatest(tx, 'weather', { expected: null, latest: 'v9' }))).toBe(false);
      expect(await write((tx) => store.moveLatest(tx, 'weather', { expected: 'v1', latest: 'v2' }))).toBe(true);
      expect((await store.dataset(db, 'weather'))?.latestVersionId).toBe('v2');
    });

    it('numbers versions from one and refuses the same number twice', async () => {
      expect(await write((tx) => store.nextNumber(tx, 'weather'))).toBe(1);
      await write((tx) => store.insertVersion(tx, version('v1', 1)));
      await write((tx) => store.insertVersion(tx, version('v2', 2)));
      expect(await write((tx) => store.nextNumber(tx, 'weather'))).toBe(3);
      await expect(write((tx) => store.insertVersion(tx, version('v3', 2)))).rejects.toThrow();
      expect((await store.versions(db, 'weather')).map((v) => v.id)).toEqual(['v2', 'v1']);
      expect(await store.versionByNumber(db, 'weather', 1)).toEqual(version('v1', 1));
      expect(await store.version(db, 'v2')).toEqual(version('v2', 2));
    });

    it('finds accepted deliveries by their fingerprint, never refused ones', async () => {
      await write(async (tx) => {
        await store.insertDelivery(tx, { delivery: delivery('d1', 'accepted', 'v1'), fingerprint: 'p1' });
        await store.insertDelivery(tx, { delivery: delivery('d2', 'refused', null), fingerprint: 'p2' });
      });
      expect((await store.accepted(db, 'weather', ['p1', 'p2'])).map((d) => d.id)).toEqual(['d1']);
      expect(await store.accepted(db, 'rain', ['p1'])).toEqual([]);
      expect((await store.deliveries(db, 'weather')).map((d) => d.id)).toEqual(['d2', 'd1']);
      expect(await store.delivery(db, 'd1')).toEqual(delivery('d1', 'accepted', 'v1'));
    });

    it('keeps a split once', async () => {
      expect(await write((tx) => store.insertSplit(tx, split))).toBe(true);
      expect(await write((tx) => store.insertSplit(tx, split))).toBe(false);
      expect(await store.split(db, 'split')).toEqual(split);
      expect(await store.splits(db, 'v2')).toEqual([split]);
    });

    it('remembers where a profile lies', async () => {
      await write((tx) => store.saveProfile(tx, 'version/v1', 'a'));
      await write((tx) => store.saveProfile(tx, 'version/v1', 'b'));
      expect(await store.profileDigest(db, 'version/v1')).toBe('b');
      expect(await store.profileDigest(db, 'version/v2')).toBeUndefined();
    });
  });
}
