import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoomMigrations } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import { createLocalObjectStore, type ObjectStore } from '../../platform/objects/index.js';
import { createTracking, type TrackingService, trackingMigrations } from '../../rooms/tracking/index.js';
import { createStorageCollector } from './collect-storage.js';

const me = { actor: { ...systemActor, id: 'ada' } };
const DAY_MS = 24 * 3_600_000;

/** What may be removed, on every engine. */
export function describeCollection(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`collecting stored bytes on ${engine}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-collect-'));
    const nowMs = Date.now();
    let test: TestDb;
    let objects: ObjectStore;
    let tracking: TrackingService;
    let collect: ReturnType<typeof createStorageCollector>;
    beforeAll(async () => {
      test = await open([trackingMigrations]);
      objects = createLocalObjectStore(folder);
      const clock = fixedClock(nowMs);
      tracking = createTracking({ db: test.db, objects, clock, version: '0.0.0' });
      collect = createStorageCollector({ db: test.db, objects, clock });
    });
    afterAll(async () => {
      await test.dispose();
      rmSync(folder, { recursive: true, force: true });
    });
    const put = async (text: string) => (await objects.putBytes(Buffer.from(text))).digest;
    const age = async (...digests: string[]) => {
      const then = new Date(nowMs - 30 * DAY_MS);
      for (const digest of digests) utimesSync(await objects.localPath(digest), then, then);
    };
    const there = (...digests: string[]) => Promise.all(digests.map((digest) => objects.has(digest)));
    const run = (dryRun: boolean) => collect(me, { dryRun, graceMs: 7 * DAY_MS });

    it('removes what nothing refers to and is old, and nothing else', async () => {
      const orphan = await put('orphan');
      const young = await put('young');
      const file = (await tracking.files.putFile(me, 'kept/a.txt', Buffer.from('file'))).digest;
      const part = await put('part of a manifest');
      const manifest = await put(JSON.stringify({ files: [{ digest: part }] }));
      const nested = await put(JSON.stringify({ manifest }));
      await tracking.files.linkFile(me, 'kept/manifest.json', nested);
      const tagged = await put('named in a tag');
      await tracking.startRun(me, { experiment: 'x', tags: { model: `sha256:${tagged}` } });
      const inParams = await put('named in a parameter');
      await tracking.startRun(me, { experiment: 'x', params: { data: JSON.stringify([inParams]) } });
      const kept = [file, part, manifest, nested, tagged, inParams];
      await age(orphan, ...kept);

      const dry = await run(true);
      expect(dry).toMatchObject({ dryRun: true, objects: 8, held: 6, young: 1, removed: 1, removedBytes: 6 });
      expect(await there(orphan)).toEqual([true]);
      expect(await run(false)).toEqual({ ...dry, dryRun: false });
      expect(await there(orphan, young, ...kept)).toEqual([false, true, ...kept.map(() => true)]);
      expect(await run(false)).toMatchObject({ removed: 0, objects: 7 });
      expect(readdirSync(join(folder, 'staging'))).toEqual([]);
    });

    it('gives what was removed or replaced a moment ago its time of grace', async () => {
      const { digest } = await tracking.files.putFile(me, 'gone/b.txt', Buffer.from('removed'));
      await age(digest);
      await tracking.files.removeFiles(me, 'gone');
      expect(await run(false)).toMatchObject({ removed: 0 });
      await age(digest);
      expect(await run(false)).toMatchObject({ removed: 1 });
      await expect(objects.readBytes(digest)).rejects.toMatchObject({ code: 'OBJ_NOT_FOUND' });
    });

    it('keeps old bytes that are put or linked again', async () => {
      const again = await put('again');
      const linked = await put('linked');
      const streamed = await put('streamed');
      await age(again, linked, streamed);
      await put('again');
      await objects.putStream([Buffer.from('streamed')] as unknown as AsyncIterable<Uint8Array>);
      await tracking.files.linkFile(me, 'again/l.txt', linked);
      await tracking.files.removeFiles(me, 'again');
      expect(await run(false)).toMatchObject({ removed: 0 });
      expect(await there(again, linked, streamed)).toEqual([true, true, true]);
    });

    it('loses nothing that is put while it removes', async () => {
      const texts = Array.from({ length: 200 }, (_, i) => `race ${i}`);
      const digests = await Promise.all(texts.map(put));
      await age(...digests);
      const [, ...puts] = await Promise.all([run(false), ...texts.map(put)]);
      expect(puts).toEqual(digests);
      expect(await there(...digests)).toEqual(digests.map(() => true));
    });

    it('finds digests in tables of any number of rows', async () => {
      const one = await put('far down');
      await age(one);
      for (let run = 0; run < 12; run++) {
        const texts = Array.from({ length: 100 }, (_, i) => [`p${i}`, `${run} ${i} `.padEnd(70, 'x')] as const);
        await tracking.startRun(me, { experiment: 'many', params: Object.fromEntries(texts) });
      }
      await tracking.startRun(me, { experiment: 'many', params: { zz: one } });
      await run(false);
      expect(await there(one)).toEqual([true]);
    });
  });
}
