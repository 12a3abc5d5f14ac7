import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock } from '@fairlead/kernel';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { openDb, type RoomMigrations } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import { createLocalObjectStore } from '../../platform/objects/index.js';
import { createTracking } from './create-tracking.js';
import { trackingMigrations } from './tracking-migrations.js';

const DIGEST = 'a'.repeat(64);

/** A database of the first release is brought up to date: what clients see of it stays. */
export function describeUpgrade(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`a tracking database of the first release on ${engine}`, () => {
    it('keeps its runs with their metrics and files', async () => {
      const first = { ...trackingMigrations, migrations: trackingMigrations.migrations.slice(0, 1) };
      const test = await open([first]);
      const folder = mkdtempSync(join(tmpdir(), 'fairlead-upgrade-'));
      const old = test.db.sql<unknown>();
      await sql`insert into tracking_experiment (id, name, tags, created_at_ms) values ('e1', 'rain', '{"a":"b"}', 5)`.execute(
        old,
      );
      await sql`insert into tracking_run (id, experiment_id, name, status, started_at_ms, created_by)
        values ('r1', 'e1', 'first', 'finished', 7, 'ada')`.execute(old);
      for (const table of ['metric', 'latest_metric']) {
        await sql`insert into ${sql.raw(`tracking_${table}`)} (run_id, key, step, timestamp_ms, value, special)
          values ('r1', 'loss', 3, 9, 0.5, 0)`.execute(old);
      }
      for (const path of ['model/MLmodel', 're\u0301sume\u0301.txt']) {
        await sql`insert into tracking_artifact (run_id, path, digest, size_bytes, created_at_ms)
          values ('r1', ${path}, ${DIGEST}, 11, 8)`.execute(old);
      }
      const db = await openDb({ url: test.url, rooms: [trackingMigrations] });
      const objects = createLocalObjectStore(folder);
      const tracking = createTracking({ db, objects, clock: fixedClock(10), version: '0.0.0' });
      try {
        expect(await tracking.run('r1')).toMatchObject({
          experimentId: 'e1',
          name: 'first',
          metrics: { loss: 0.5 },
          artifactRoot: 'artifacts:/e1/r1/artifacts',
        });
        expect((await tracking.experiment('e1')).tags).toEqual({ a: 'b' });
        // As old as the oldest thing that the database knows.
        expect(await tracking.experiment('0')).toMatchObject({ name: 'Default', createdAtMs: 5, updatedAtMs: 5 });
        expect(await tracking.artifacts('r1')).toEqual([
          { path: 'model/MLmodel', digest: DIGEST, sizeBytes: 11 },
          { path: 'r\u00e9sum\u00e9.txt', digest: DIGEST, sizeBytes: 11 },
        ]);
        const paths = (await tracking.files.filesBelow('e1/r1')).map(({ path }) => path);
        expect(paths).toEqual(['e1/r1/artifacts/model/MLmodel', 'e1/r1/artifacts/r\u00e9sum\u00e9.txt']);
      } finally {
        await db.close();
        await test.dispose();
        rmSync(folder, { recursive: true, force: true });
      }
    });

    it('says of experiment 0 of a new server that it was made when that first started', async () => {
      const earlierMs = Date.now() - 1;
      const test = await open([trackingMigrations]);
      try {
        const objects = createLocalObjectStore(tmpdir());
        const tracking = createTracking({ db: test.db, objects, clock: fixedClock(10), version: '0.0.0' });
        const { createdAtMs, updatedAtMs } = await tracking.experiment('0');
        expect(updatedAtMs).toBe(createdAtMs);
        // The database rounds its clock.
        expect(Math.abs(createdAtMs - earlierMs)).toBeLessThan(60_000);
      } finally {
        await test.dispose();
      }
    });
  });
}
