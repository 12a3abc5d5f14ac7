import { defineErrors } from '@fairlead/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Db, RoomMigrations } from '../db/index.js';
import type { TestDb } from '../db/testing.js';
import { jobMigrations } from './job-migrations.js';
import type { JobQueue, JobQueueOptions } from './job-types.js';
import { cancel, effectMigrations, enqueue, eventsOf, latch, leaveEffect, quickQueue, readEffects } from './testing.js';

const userErrors = defineErrors('test', {
  BAD_INPUT: { status: 400, fault: 'user', title: 'Bad input', remedy: 'Give better input.' },
});
const wait = { timeoutMs: 20_000 };

/** What the queue does for one worker, on every engine. */
export function describeJobQueue(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`a job queue on ${engine}`, () => {
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
    const make = (options: Partial<JobQueueOptions> = {}) => {
      const queue = quickQueue(db, `worker-${queues.length}`, options);
      queues.push(queue);
      return queue;
    };

    it('runs a job and keeps its result and its effects', async () => {
      const queue = make();
      queue.handle('add', async (job) => {
        job.progress(0.5, 'half way');
        const { a, b } = job.payload as { a: number; b: number };
        return { result: a + b, ...(await leaveEffect('w')(job)) };
      });
      await queue.start();
      const id = await enqueue(db, queue, { kind: 'add', payload: { a: 2, b: 3 } });
      const view = await queue.waitFor(id, wait);
      expect(view).toMatchObject({ state: 'succeeded', result: 5, failures: 0, progress: { ratio: 1 } });
      expect(await readEffects(db)).toEqual([{ job_id: id, worker: 'w' }]);
      expect(await eventsOf(db, id)).toEqual([]);
    });

    it('knows nothing of a job whose transaction failed', async () => {
      const queue = make();
      let id = '';
      const failing = db.transact(
        { actor: { kind: 'system', id: 'x', roles: [], authenticated: true } },
        async (tx) => {
          id = await queue.enqueue(tx, { kind: 'never', payload: null });
          throw new Error('no');
        },
      );
      await expect(failing).rejects.toThrow('no');
      expect(await queue.get(id)).toBeUndefined();
      await expect(queue.waitFor(id, wait)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    });

    it('tries a fault of the machinery again and a mistake of the user not', async () => {
      const queue = make();
      const tries: Record<string, number[]> = { shaky: [], wrong: [], broken: [] };
      queue.handle('shaky', async (job) => {
        tries.shaky?.push(job.attempt);
        if (job.attempt < 3) throw new Error('connection reset');
        return { result: 'done' };
      });
      queue.handle('wrong', async (job) => {
        tries.wrong?.push(job.attempt);
        throw userErrors.BAD_INPUT('The table is empty.');
      });
      queue.handle('broken', async (job) => {
        tries.broken?.push(job.attempt);
        throw new Error('disk');
      });
      await queue.start();
      const shaky = await enqueue(db, queue, { kind: 'shaky', payload: null });
      const wrong = await enqueue(db, queue, { kind: 'wrong', payload: null });
      const broken = await enqueue(db, queue, { kind: 'broken', payload: null, maxAttempts: 2 });
      expect(await queue.waitFor(shaky, wait)).toMatchObject({ state: 'succeeded', failures: 2 });
      expect(await queue.waitFor(wrong, wait)).toMatchObject({ state: 'failed', error: { code: 'BAD_INPUT' } });
      expect(await queue.waitFor(broken, wait)).toMatchObject({ state: 'failed', error: { message: 'disk' } });
      expect(tries).toEqual({ shaky: [1, 2, 3], wrong: [1], broken: [1, 2] });
      expect(await eventsOf(db, shaky)).toEqual([]);
      expect(await eventsOf(db, wrong)).toEqual(['job.failed']);
      expect(await eventsOf(db, broken)).toEqual(['job.failed']);
    });

    it('rolls the effects back when the commit fails', async () => {
      const queue = make();
      queue.handle('half', async (job) => ({
        commit: async (tx) => {
          await (await leaveEffect('w')(job)).commit?.(tx);
          throw userErrors.BAD_INPUT('no');
        },
      }));
      await queue.start();
      const id = await enqueue(db, queue, { kind: 'half', payload: null });
      expect(await queue.waitFor(id, wait)).toMatchObject({ state: 'failed', error: { code: 'BAD_INPUT' } });
      expect(await readEffects(db)).toEqual([]);
    });

    it('ends a run that exceeds its time limit', async () => {
      const queue = make();
      const reasons: unknown[] = [];
      queue.handle(
        'slow',
        (job) =>
          new Promise((_, reject) => {
            job.signal.addEventListener('abort', () => {
              reasons.push(job.signal.reason.code);
              reject(new Error('stopped'));
            });
          }),
      );
      await queue.start();
      const id = await enqueue(db, queue, { kind: 'slow', payload: null, timeoutMs: 30, maxAttempts: 2 });
      expect(await queue.waitFor(id, wait)).toMatchObject({ state: 'failed', error: { code: 'JOB_TIMED_OUT' } });
      expect(reasons).toEqual(['JOB_TIMED_OUT', 'JOB_TIMED_OUT']);
    });

    it('gives a handler up that does not react to its signal, and discards what it returns later', async () => {
      const queue = make({ abortGraceMs: 10 });
      const late = latch();
      queue.handle('deaf', async (job) => {
        await late.opened;
        return leaveEffect('late')(job);
      });
      await queue.start();
      const id = await enqueue(db, queue, { kind: 'deaf', payload: null, timeoutMs: 10, maxAttempts: 1 });
      expect(await queue.waitFor(id, wait)).toMatchObject({ state: 'failed', error: { code: 'JOB_TIMED_OUT' } });
      late.open();
      await queue.stop({ graceMs: 1_000 });
      expect(await readEffects(db)).toEqual([]);
    });

    it('cancels a queued job at once', async () => {
      const queue = make();
      const id = await enqueue(db, queue, { kind: 'wanted', payload: null });
      expect(await cancel(db, queue, id)).toBe('cancelled');
      expect(await cancel(db, queue, id)).toBe('finished');
      expect(await cancel(db, queue, 'none')).toBe('unknown');
      expect(await queue.get(id)).toMatchObject({ state: 'cancelled' });
      expect(await eventsOf(db, id)).toEqual(['job.cancelled']);
    });

    it('cancels a running job, whose effects then never happen, also from another queue', async () => {
      const worker = make();
      const elsewhere = make();
      const begun = latch();
      worker.handle('long', async (job) => {
        begun.open();
        await new Promise<void>((resolve) => job.signal.addEventListener('abort', () => resolve()));
        return leaveEffect('stubborn')(job);
      });
      await worker.start();
      const id = await enqueue(db, worker, { kind: 'long', payload: null });
      await begun.opened;
      expect(await cancel(db, elsewhere, id)).toBe('cancelling');
      expect(await elsewhere.waitFor(id, wait)).toMatchObject({ state: 'cancelled', failures: 0 });
      expect(await readEffects(db)).toEqual([]);
      expect(await eventsOf(db, id)).toEqual(['job.cancelled']);
    });

    it('knows a job again by its dedupe key until it has ended', async () => {
      const queue = make();
      const job = { kind: 'once', payload: null, dedupeKey: 'k' };
      const ids = await Promise.all(Array.from({ length: 8 }, () => enqueue(db, queue, job)));
      expect(new Set(ids).size).toBe(1);
      expect(await enqueue(db, queue, { ...job, kind: 'other' })).not.toBe(ids[0]);
      queue.handle('once', async () => ({}));
      await queue.start();
      await queue.waitFor(ids[0] ?? '', wait);
      expect(await enqueue(db, queue, job)).not.toBe(ids[0]);
    });

    it('takes higher priority first and nothing before its time', async () => {
      const queue = make();
      const order: unknown[] = [];
      queue.handle('p', async (job) => ({ result: order.push(job.payload) }), { concurrency: 1 });
      const later = await enqueue(db, queue, {
        kind: 'p',
        payload: 'later',
        priority: 9,
        runAtMs: (await db.nowMs()) + 1e9,
      });
      await enqueue(db, queue, { kind: 'p', payload: 'low' });
      await enqueue(db, queue, { kind: 'p', payload: 'high', priority: 5 });
      const last = await enqueue(db, queue, { kind: 'p', payload: 'last', priority: -1 });
      await queue.start();
      await queue.waitFor(last, wait);
      expect(order).toEqual(['high', 'low', 'last']);
      expect(await queue.get(later)).toMatchObject({ state: 'queued' });
      expect((await queue.list({ kind: 'p', state: 'queued' })).map((job) => job.payload)).toEqual(['later']);
      const newest = await queue.list({ limit: 2 });
      expect((await queue.list({ limit: 2, afterId: newest[1]?.id ?? '' })).length).toBe(2);
    });

    it('returns what is running to the queue when it stops, as if the run had not been', async () => {
      const first = make();
      const begun = latch();
      first.handle(
        'work',
        (job) =>
          new Promise((_, reject) => {
            begun.open();
            job.signal.addEventListener('abort', () => reject(job.signal.reason));
          }),
      );
      await first.start();
      const id = await enqueue(db, first, { kind: 'work', payload: null });
      await begun.opened;
      await first.stop({ graceMs: 10 });
      expect(await first.get(id)).toMatchObject({ state: 'queued', failures: 0, losses: 0 });
      const second = make();
      second.handle('work', leaveEffect('second'));
      await second.start();
      expect(await second.waitFor(id, wait)).toMatchObject({ state: 'succeeded' });
    });

    it('lets a running job finish within the grace of a stop', async () => {
      const queue = make();
      const begun = latch();
      const finish = latch();
      queue.handle('work', async (job) => {
        begun.open();
        await finish.opened;
        return leaveEffect('w')(job);
      });
      await queue.start();
      const id = await enqueue(db, queue, { kind: 'work', payload: null });
      await begun.opened;
      const stopped = queue.stop({ graceMs: 20_000 });
      finish.open();
      await stopped;
      expect(await queue.get(id)).toMatchObject({ state: 'succeeded' });
    });
  });
}
