import { fixedClock } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestSqlite, type TestDb } from '../../platform/db/testing.js';
import { createJobQueue, type JobQueue, jobMigrations } from '../../platform/jobs/index.js';
import { CHECK_JOB } from './monitoring-deps.js';
import { createRowWatch, type RowWatch } from './watch-rows.js';

const START_MS = 2_000_000_000_000;
const clock = fixedClock(START_MS);

describe('the watch over captured rows', () => {
  let test: TestDb;
  let jobs: JobQueue;
  let watch: RowWatch;
  beforeAll(async () => {
    test = await openTestSqlite([jobMigrations]);
    jobs = createJobQueue(test.db, { clock, ownerId: 'watch-test', exclusive: true });
    watch = createRowWatch({
      db: test.db,
      jobs,
      clock,
      onError: (error) => expect.unreachable(String(error)),
    });
    const drift = { alpha: 0.01, minEffect: 0.3 };
    const spec = {
      endpoint: 'rain',
      windowRows: 60,
      minRows: 60,
      reference: 'training',
      everyRows: 30,
      drift,
    } as const;
    watch.watch({ name: 'rain', spec, updatedAtMs: 0 });
  });
  afterAll(() => test.dispose());
  const queued = async () => {
    await watch.idle();
    return (await jobs.list({ kind: CHECK_JOB })).map((job) => job.runAtMs - START_MS);
  };

  it('asks for a check when so many rows came, and not twice while it is under way', async () => {
    watch.notice('rain', 'production', 29);
    watch.notice('snow', 'production', 100);
    watch.notice('rain', 'test', 100);
    expect(await queued()).toEqual([]);
    watch.notice('rain', 'production', 1);
    watch.notice('rain', 'production', 60);
    expect(await queued()).toEqual([0]);
  });

  it('lets the next one wait nine times as long as the last one worked', async () => {
    const [first] = await jobs.list({ kind: CHECK_JOB });
    await test.db.transact({ actor: { kind: 'system', id: 'test', roles: [], authenticated: true } }, (tx) =>
      jobs.cancel(tx, first?.id ?? ''),
    );
    watch.started('rain');
    watch.notice('rain', 'production', 30);
    clock.advance(100);
    watch.checked('rain');
    expect(await queued()).toContain(1_000);
  });
});
