import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, Reader, RoomMigrations, Tx } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import { registryMigrations } from './registry-migrations.js';
import type { RegistryStore } from './registry-store.js';
import { aVersion } from './registry-testing.js';

/** What every store of models must do, whichever database it stands on. */
export function describeRegistryStore(
  engine: string,
  { open, store }: { open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>; store: RegistryStore },
): void {
  describe(`the registry's store on ${engine}`, () => {
    let test: TestDb;
    let db: Db;
    beforeAll(async () => {
      test = await open([registryMigrations]);
      db = test.db;
    });
    afterAll(() => test.dispose());
    const write = <T>(work: (tx: Tx & Reader) => Promise<T>) => db.transact({ actor: systemActor }, work);
    const add = (name: string, digest: string) =>
      write(async (tx) => {
        const version = await store.takeVersionNumber(tx, { name, atMs: 5, by: 'ann' });
        const added = aVersion({ model: name, version, digest });
        await store.insertVersion(tx, added);
        return added;
      });

    it('numbers the versions of each model from 1, also when writers meet', async () => {
      await Promise.all(['a', 'b', 'c', 'd'].map((digest) => add('rain', digest)));
      expect((await store.versions(db, 'rain')).map((version) => version.version)).toEqual([4, 3, 2, 1]);
      expect((await add('snow', 'a')).version).toBe(1);
      expect((await store.models(db)).map(({ name, latestVersion }) => [name, latestVersion])).toEqual([
        ['rain', 4],
        ['snow', 1],
      ]);
    });

    it('gives back a version as it was put', async () => {
      const put = await add('fog', 'f');
      expect(await store.version(db, 'fog', 1)).toEqual(put);
      expect(await store.version(db, 'fog', 2)).toBeUndefined();
      const key = { model: 'fog', digest: 'f', trackingRunId: put.source.trackingRunId };
      expect(await store.sameVersion(db, key)).toEqual(put);
      expect(await store.sameVersion(db, { ...key, trackingRunId: 'other' })).toBeUndefined();
    });

    it('remembers every move of an alias', async () => {
      const move = (version: number | null, atMs: number) =>
        write((tx) => store.setAlias(tx, { model: 'rain', alias: 'champion', version, atMs, by: 'ann' }));
      await move(1, 10);
      await move(2, 20);
      expect((await store.model(db, 'rain'))?.aliases).toEqual({ champion: 2 });
      await move(null, 30);
      expect((await store.model(db, 'rain'))?.aliases).toEqual({});
      expect((await store.aliasHistory(db, 'rain')).map((row) => row.version)).toEqual([null, 2, 1]);
    });

    it('keeps tags and card texts by version', async () => {
      const version = await add('hail', 'h');
      await write((tx) => store.setTags(tx, version, { team: 'port' }));
      await write((tx) => store.setCardTexts(tx, version, { 'Intended use/Purpose': 'plan' }));
      expect((await store.version(db, 'hail', 1))?.tags).toEqual({ team: 'port' });
      expect(await store.cardTexts(db, 'hail', 1)).toEqual({ 'Intended use/Purpose': 'plan' });
    });
  });
}
