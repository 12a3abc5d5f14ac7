import { fixedClock } from '@fairlead/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Db, RoomMigrations } from '../db/index.js';
import type { TestDb } from '../db/testing.js';
import { jobMigrations } from './job-migrations.js';
import type { JobHandler, JobQueue, JobQueueOptions } from './job-types.js';
import {
  effectMigrations,
  effectOf,
  enqueue,
  eventsOf,
  latch,
  leaveEffect,
  quickQueue,
  readEffects,
} from './testing.js';

const wait = { timeoutMs: 20_000 };
const NEVER_MS = 2 ** 31 - 1;
/** A worker that stops beating at once, as a stalled or dead one does; its handlers wait for the test. */
const stalled: Partial<JobQueueOptions> = { leaseMs: 150, heartbeatMs: NEVER_MS, sweepMs: NEVER_MS };

/** What the queue does for several workers that live and die, on every engine. */
export function describeJobWorkers(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`workers of a job queue on ${engine}`, () => {
    let test: TestDb;
    let db: Db;
    let queues: JobQueue[];
    beforeEach(async () => {
      test = await open([jobMigrations, effectMigrations]);
      db = test.db;
      queues = [];
    });
    afterEach(async () => {
      await Promise.all(queues.map((queue) => queue.stop({ graceMs: 0 })));
      await test.dispose();
    });
    const make = (ownerId: string, options: Partial<JobQueueOptions> = {}) => {
      const queue = quickQueue(db, ownerId, options);
      queues.push(queue);
      return queue;
    };

    /** Starts a worker that holds one job until told to finish it. */
    const startHolder = async (ownerId: string, options: Partial<JobQueueOptions>) => {
      const holder = make(ownerId, options);
      const begun = latch();
      const finish = latch();
      const commits: string[] = [];
      holder.handle(
        'work',
        async (job) => {
          begun.open();
          await finish.opened;
          return {
            commit: async (tx) => {
              commits.push(job.id);
              await effectOf(ownerId, job.id)(tx);
            },
          };
        },
        // One place only, so that the holder cannot take the job again while it still holds it.
        { concurrency: 1 },
      );
      await holder.start();
      const id = await enqueue(db, holder, { kind: 'work', payload: null });
      await begun.opened;
      return { holder, id, finish, commits };
    };

    it('takes a job over when its worker vanished, without an attempt being lost, and rejects the late commit', async () => {
      const { holder, id, finish } = await startHolder('zombie', stalled);
      const rescuer = make('rescuer');
      rescuer.handle('work', leaveEffect('rescuer'));
      await rescuer.start();
      expect(await rescuer.waitFor(id, wait)).toMatchObject({ state: 'succeeded', losses: 1, failures: 0 });
      finish.open();
      await holder.stop({ graceMs: 5_000 });
      expect(await readEffects(db)).toEqual([{ job_id: id, worker: 'rescuer' }]);
      expect(await rescuer.get(id)).toMatchObject({ state: 'succeeded' });
    });

    it('rejects the late commit of a zombie also while the new worker is still at it', async () => {
      const { holder, id, finish, commits } = await startHolder('zombie', stalled);
      const rescuer = make('rescuer');
      const again = latch();
      const finishAgain = latch();
      rescuer.handle('work', async (job) => {
        again.open();
        await finishAgain.opened;
        return leaveEffect('rescuer')(job);
      });
      await rescuer.start();
      await again.opened;
      finish.open();
      await holder.stop({ graceMs: 5_000 });
      expect(commits).toEqual([]);
      expect(await rescuer.get(id)).toMatchObject({ state: 'running' });
      expect(await readEffects(db)).toEqual([]);
      finishAgain.open();
      await rescuer.waitFor(id, wait);
      expect(await readEffects(db)).toEqual([{ job_id: id, worker: 'rescuer' }]);
    });

    it('tells the stalled worker that its lease is lost', async () => {
      const queue = make('stalled', stalled);
      const begun = latch();
      const reason = latch<unknown>();
      const handler: JobHandler = (job) =>
        new Promise((_, reject) => {
          begun.open();
          job.signal.addEventListener('abort', () => {
            reason.open(job.signal.reason.code);
            reject(job.signal.reason);
          });
        });
      queue.handle('work', handler, { concurrency: 1 });
      await queue.start();
      await enqueue(db, queue, { kind: 'work', payload: null });
      await begun.opened;
      await make('sweeper').start();
      expect(await reason.opened).toBe('JOB_LEASE_LOST');
    });

    it('voids all former leases at the start of an exclusive owner, long before they end', async () => {
      const { holder, id, finish } = await startHolder('before', { leaseMs: NEVER_MS });
      const next = make('after', { exclusive: true });
      next.handle('work', leaveEffect('after'));
      await next.start();
      expect(await next.waitFor(id, wait)).toMatchObject({ state: 'succeeded', losses: 1 });
      finish.open();
      await holder.stop({ graceMs: 5_000 });
      expect(await readEffects(db)).toEqual([{ job_id: id, worker: 'after' }]);
    });

    it('fails a job that has cost four workers', async () => {
      const id = await enqueue(db, make('any'), { kind: 'work', payload: null });
      const release = latch();
      for (let i = 0; i < 4; i += 1) {
        const victim = make(`victim-${i}`);
        const begun = latch();
        const handler: JobHandler = async () => {
          begun.open();
          await release.opened;
          return {};
        };
        victim.handle('work', handler, { concurrency: 1 });
        await victim.start();
        await begun.opened;
        await make(`heir-${i}`, { exclusive: true }).start();
      }
      release.open();
      expect(await queues[0]?.get(id)).toMatchObject({
        state: 'failed',
        losses: 4,
        failures: 0,
        error: { code: 'JOB_WORKER_LOST' },
      });
      expect(await eventsOf(db, id)).toEqual(['job.failed']);
    });

    it('keeps a lease as long as its worker beats', async () => {
      const { id, finish } = await startHolder('steady', { leaseMs: 2_000, heartbeatMs: 100 });
      const rival = make('rival');
      rival.handle('work', leaveEffect('rival'));
      await rival.start();
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      finish.open();
      expect(await rival.waitFor(id, wait)).toMatchObject({ state: 'succeeded', losses: 0 });
      expect(await readEffects(db)).toEqual([{ job_id: id, worker: 'steady' }]);
    });

    it('does each of 200 jobs once with two queues, one of which has a clock two hours off', async () => {
      const early = make('early', { clock: fixedClock(Date.now() - 7_200_000) });
      const late = make('late', { clock: fixedClock(Date.now() + 7_200_000) });
      for (const [queue, name] of [
        [early, 'early'],
        [late, 'late'],
      ] as const) {
        queue.handle('work', leaveEffect(name), { concurrency: 5 });
      }
      const ids = await Promise.all(
        Array.from({ length: 200 }, (_, i) => enqueue(db, i % 2 ? early : late, { kind: 'work', payload: i })),
      );
      await Promise.all([early.start(), late.start()]);
      const views = await Promise.all(ids.map((id) => early.waitFor(id, wait)));
      expect(views.every((view) => view.state === 'succeeded' && view.losses === 0)).toBe(true);
      const effects = await readEffects(db);
      expect(effects.map((row) => row.job_id).sort()).toEqual([...ids].sort());
      expect(new Set(effects.map((row) => row.worker))).toEqual(new Set(['early', 'late']));
    });

    it('runs no more of a limit key at a time than its limit, over all queues', async () => {
      const running = new Map<string, number>();
      const most = new Map<string, number>();
      const workers = ['a', 'b'].map((name) => make(name, { limits: { gpu: 3, model: 2 } }));
      for (const worker of workers) {
        worker.handle(
          'work',
          async (job) => {
            const key = String(job.payload);
            running.set(key, (running.get(key) ?? 0) + 1);
            most.set(key, Math.max(most.get(key) ?? 0, running.get(key) ?? 0));
            await new Promise((resolve) => setTimeout(resolve, 15));
            running.set(key, (running.get(key) ?? 0) - 1);
            return {};
          },
          { concurrency: 10 },
        );
      }
      const keys = ['gpu', 'model:churn', 'alone'];
      const [first] = workers as [JobQueue];
      const ids = await Promise.all(
        Array.from({ length: 36 }, (_, i) => {
          const limitKey = keys[i % 3] ?? '';
          return enqueue(db, first, { kind: 'work', payload: limitKey, limitKey });
        }),
      );
      await Promise.all(workers.map((worker) => worker.start()));
      await Promise.all(ids.map((id) => first.waitFor(id, wait)));
      expect(Object.fromEntries(most)).toEqual({ gpu: 3, 'model:churn': 2, alone: 1 });
    });
  });
}
