import { systemActor } from '@fairlead/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Db, RoomMigrations } from '../db/index.js';
import type { TestDb } from '../db/testing.js';
import { jobMigrations } from './job-migrations.js';
import type { JobQueue } from './job-types.js';
import type { Schedule, Schedules } from './schedule-types.js';
import { createSchedules } from './schedules.js';
import { quickQueue } from './testing.js';

const DAY_MS = 24 * 3600 * 1000;
const hourly: Schedule = {
  id: 'retrain',
  cron: '0 * * * *',
  timezone: 'UTC',
  catchUp: 'last',
  job: { kind: 'train', payload: { model: 'rain' } },
  paused: false,
};

/** What schedules do, on every engine. */
export function describeSchedules(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`schedules on ${engine}`, () => {
    let test: TestDb;
    let db: Db;
    let queue: JobQueue;
    let schedules: Schedules;
    beforeEach(async () => {
      test = await open([jobMigrations]);
      db = test.db;
      queue = quickQueue(db, 'scheduler');
      schedules = createSchedules(db, queue);
    });
    afterEach(() => test.dispose());

    const upsert = (schedule: Schedule) => db.transact({ actor: systemActor }, (tx) => schedules.upsert(tx, schedule));
    /** Pretends that nobody has ticked for this long. */
    const sleepFor = async (ms: number): Promise<void> => {
      const next_fire = (await db.nowMs()) - ms;
      await db.transact({ actor: systemActor }, (tx) =>
        tx.sql<{ job_schedule: { next_fire: number } }>().updateTable('job_schedule').set({ next_fire }).execute(),
      );
    };
    const fired = async () => (await queue.list({})).map((job) => job.scheduledForMs ?? Number.NaN).reverse();

    it('fires once when two replicas tick at the same moment', async () => {
      await upsert(hourly);
      await sleepFor(DAY_MS);
      const rival = createSchedules(db, quickQueue(db, 'rival'));
      const made = await Promise.all([schedules.tick(), rival.tick(), schedules.tick(), rival.tick()]);
      expect(made.reduce((a, b) => a + b)).toBe(1);
      const [job] = await queue.list({});
      expect(job).toMatchObject({ kind: 'train', payload: { model: 'rain' }, state: 'queued' });
      expect((job?.scheduledForMs ?? 1) % 3_600_000).toBe(0);
      const [view] = await schedules.list();
      expect(view).toMatchObject({ lastFireMs: job?.scheduledForMs, lastJobId: job?.id });
      expect(view?.nextFireMs).toBeGreaterThan(await db.nowMs());
    });

    it('fires nothing again when the clock of its place is set back', async () => {
      await upsert({ ...hourly, catchUp: { all: 5 } });
      await sleepFor(DAY_MS);
      expect(await schedules.tick()).toBe(5);
      await sleepFor(DAY_MS);
      expect(await schedules.tick()).toBeLessThanOrEqual(1);
      const times = await fired();
      expect(new Set(times).size).toBe(times.length);
    });

    it('drops what it missed with catch-up none', async () => {
      await upsert({ ...hourly, cron: '0 0 1 1 *', catchUp: 'none' });
      await sleepFor(500 * DAY_MS);
      expect(await schedules.tick()).toBe(0);
      expect((await schedules.list())[0]?.nextFireMs).toBeGreaterThan(await db.nowMs());
    });

    it('waits while paused and forgets what it missed then', async () => {
      await upsert(hourly);
      await db.transact({ actor: systemActor }, (tx) => schedules.setPaused(tx, 'retrain', true));
      await sleepFor(DAY_MS);
      expect(await schedules.tick()).toBe(0);
      await db.transact({ actor: systemActor }, (tx) => schedules.setPaused(tx, 'retrain', false));
      expect(await schedules.tick()).toBe(0);
      expect((await schedules.list())[0]).toMatchObject({ paused: false });
    });

    it('keeps what is due when the same schedule is applied again', async () => {
      await upsert(hourly);
      await sleepFor(DAY_MS);
      await upsert({ ...hourly, job: { kind: 'train', payload: 'new' } });
      expect(await schedules.tick()).toBe(1);
      expect((await queue.list({}))[0]?.payload).toBe('new');
    });

    it('refuses what it cannot read and removes what is not wanted', async () => {
      await expect(upsert({ ...hourly, cron: '61 * * * *' })).rejects.toMatchObject({ code: 'JOB_SCHEDULE_INVALID' });
      await expect(upsert({ ...hourly, timezone: 'Mars/Base' })).rejects.toMatchObject({
        code: 'JOB_SCHEDULE_INVALID',
        fault: 'user',
      });
      await upsert(hourly);
      const remove = () => db.transact({ actor: systemActor }, (tx) => schedules.remove(tx, 'retrain'));
      expect([await remove(), await remove()]).toEqual([true, false]);
      expect(await schedules.list()).toEqual([]);
    });
  });
}
