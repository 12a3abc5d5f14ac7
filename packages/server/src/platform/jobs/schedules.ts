import { messageOf, sleep, systemActor } from '@fairlead/kernel';
import type { Db, Reader, Tx } from '../db/index.js';
import type { JobQueue } from './job-types.js';
import { dueFirings, nextFire } from './schedule-rules.js';
import {
  deleteSchedule,
  dueScheduleIds,
  forgetFirings,
  listSchedules,
  lockSchedule,
  nameFiringsJob,
  saveSchedule,
  takeFiring,
} from './schedule-store.sql.js';
import type { Schedule, Schedules, SchedulesOptions } from './schedule-types.js';

const KEEP_FIRINGS_MS = 30 * 24 * 3600 * 1000;

/** Durable cron schedules that put jobs into `queue`, each firing exactly once over all replicas. */
export function createSchedules(db: Db, queue: JobQueue, options: SchedulesOptions = {}): Schedules {
  const { tickMs = 1_000, toleranceMs = 60_000, logger } = options;
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  const tick = async (): Promise<number> => {
    let made = 0;
    for (const id of await dueScheduleIds(db, await db.nowMs())) {
      made += await db.transact({ actor: systemActor }, (tx) => fire({ db, queue, toleranceMs }, tx, id));
    }
    return made;
  };
  return {
    upsert: (tx, schedule) => upsert(db, tx, schedule),
    list: (reader = db) => listSchedules(reader),
    setPaused: async (tx, id, paused) => {
      const stored = await lockSchedule(tx, id);
      if (stored === undefined) return false;
      await upsert(db, tx, { ...stored, paused });
      return true;
    },
    remove: deleteSchedule,
    tick,
    start: () => {
      loop = (async () => {
        while (!stopping.signal.aborted) {
          await tick().catch((error) =>
            logger?.warn({ error: messageOf(error) }, 'the schedules could not be looked at'),
          );
          await sleep(tickMs, stopping.signal).catch(() => undefined);
        }
      })();
    },
    stop: async () => {
      stopping.abort(new Error('stopping'));
      await loop;
    },
  };
}

async function upsert(db: Db, tx: Tx & Reader, schedule: Schedule): Promise<void> {
  const { id, cron, timezone, catchUp, job, paused } = schedule;
  // Also checks the expression, before anything is stored.
  const next = nextFire({ cron, timezone }, await db.nowMs(tx));
  const before = await lockSchedule(tx, id);
  const sameRhythm = before?.cron === cron && before.timezone === timezone && !before.paused && !paused;
  const nextFireMs = sameRhythm ? before.nextFireMs : next;
  await saveSchedule(tx, { id, cron, timezone, catchUp, job, paused, nextFireMs });
}

async function fire(
  { db, queue, toleranceMs }: { db: Db; queue: JobQueue; toleranceMs: number },
  tx: Tx & Reader,
  id: string,
): Promise<number> {
  const schedule = await lockSchedule(tx, id);
  const nowMs = await db.nowMs(tx);
  if (schedule?.nextFireMs === undefined || schedule.paused || schedule.nextFireMs > nowMs) return 0;
  const { catchUp, job, nextFireMs } = schedule;
  let made = 0;
  for (const fireMs of dueFirings({ rhythm: schedule, fromMs: nextFireMs, nowMs, catchUp, toleranceMs })) {
    // The unique key decides, not the row lock: also a replica with a stale view can fire nothing twice.
    if (!(await takeFiring(tx, id, fireMs))) continue;
    const jobId = await queue.enqueue(tx, { ...job, scheduledForMs: fireMs });
    await nameFiringsJob(tx, { scheduleId: id, fireMs, jobId });
    made += 1;
  }
  await forgetFirings(tx, id, nowMs - KEEP_FIRINGS_MS);
  await saveSchedule(tx, { ...schedule, nextFireMs: nextFire(schedule, nowMs) });
  return made;
}
