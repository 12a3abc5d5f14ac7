import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestPostgres, type TestDb } from '../db/testing.js';
import { jobMigrations } from './job-migrations.js';
import type { JobTables } from './job-table.sql.js';
import { enqueue, quickQueue } from './testing.js';

describe('the heartbeat thread', () => {
  let test: TestDb;
  beforeAll(async () => {
    test = await openTestPostgres([jobMigrations]);
  });
  afterAll(() => test.dispose());

  it('keeps the lease while work blocks the main thread for longer than the lease', async () => {
    const { db, url } = test;
    const queue = quickQueue(db, 'busy', { leaseMs: 2_000, heartbeatMs: 250, heartbeatUrl: url });
    queue.handle('crunch', async (job) => {
      const untilMs = performance.now() + 5_000;
      while (performance.now() < untilMs) Math.sqrt(untilMs);
      const row = await db
        .sql<JobTables>()
        .selectFrom('job')
        .select('lease_until')
        .where('id', '=', job.id)
        .executeTakeFirstOrThrow();
      return { result: (row.lease_until ?? 0) - (await db.nowMs()) };
    });
    await queue.start();
    const id = await enqueue(db, queue, { kind: 'crunch', payload: null });
    const view = await queue.waitFor(id, { timeoutMs: 30_000 });
    await queue.stop({ graceMs: 0 });
    expect(view.state).toBe('succeeded');
    expect(view.result).toBeGreaterThan(0);
  });
});
