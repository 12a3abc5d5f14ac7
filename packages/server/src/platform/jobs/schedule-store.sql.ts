import type { Reader } from '../db/index.js';
import type { CatchUp, Schedule, ScheduleView } from './schedule-types.js';

interface ScheduleTables {
  job_schedule: {
    id: string;
    cron: string;
    timezone: string;
    catch_up: string;
    job: string;
    paused: number;
    next_fire: number | null;
  };
  job_schedule_firing: { schedule_id: string; fire_time: number; job_id: string };
}

export interface StoredSchedule extends Schedule {
  readonly nextFireMs: number | undefined;
}

function fromRow(row: ScheduleTables['job_schedule']): StoredSchedule {
  return {
    id: row.id,
    cron: row.cron,
    timezone: row.timezone,
    catchUp: JSON.parse(row.catch_up) as CatchUp,
    job: JSON.parse(row.job) as Schedule['job'],
    paused: row.paused === 1,
    nextFireMs: row.next_fire ?? undefined,
  };
}

export async function saveSchedule(tx: Reader, { nextFireMs, ...schedule }: StoredSchedule): Promise<void> {
  const facts = {
    cron: schedule.cron,
    timezone: schedule.timezone,
    catch_up: JSON.stringify(schedule.catchUp),
    job: JSON.stringify(schedule.job),
    paused: schedule.paused ? 1 : 0,
    next_fire: nextFireMs ?? null,
  };
  await tx
    .sql<ScheduleTables>()
    .insertInto('job_schedule')
    .values({ id: schedule.id, ...facts })
    .onConflict((c) => c.column('id').doUpdateSet(facts))
    .execute();
}

/** The schedule, locked until the transaction ends. */
export async function lockSchedule(tx: Reader, id: string): Promise<StoredSchedule | undefined> {
  let query = tx.sql<ScheduleTables>().selectFrom('job_schedule').selectAll().where('id', '=', id);
  if (tx.dialect === 'postgres') query = query.forUpdate();
  const row = await query.executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

export async function dueScheduleIds(reader: Reader, nowMs: number): Promise<string[]> {
  const rows = await reader
    .sql<ScheduleTables>()
    .selectFrom('job_schedule')
    .select('id')
    .where('paused', '=', 0)
    .where('next_fire', '<=', nowMs)
    .orderBy('next_fire')
    .execute();
  return rows.map((row) => row.id);
}

export async function deleteSchedule(tx: Reader, id: string): Promise<boolean> {
  const row = await tx
    .sql<ScheduleTables>()
    .deleteFrom('job_schedule')
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** True for the one caller that may make this firing. */
export async function takeFiring(tx: Reader, scheduleId: string, fireMs: number): Promise<boolean> {
  const row = await tx
    .sql<ScheduleTables>()
    .insertInto('job_schedule_firing')
    .values({ schedule_id: scheduleId, fire_time: fireMs, job_id: '' })
    .onConflict((c) => c.columns(['schedule_id', 'fire_time']).doNothing())
    .returning('schedule_id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function nameFiringsJob(
  tx: Reader,
  firing: { scheduleId: string; fireMs: number; jobId: string },
): Promise<void> {
  await tx
    .sql<ScheduleTables>()
    .updateTable('job_schedule_firing')
    .set({ job_id: firing.jobId })
    .where('schedule_id', '=', firing.scheduleId)
    .where('fire_time', '=', firing.fireMs)
    .execute();
}

/** Firings are kept to make them once and to show the last one; old ones do neither. */
export async function forgetFirings(tx: Reader, scheduleId: string, beforeMs: number): Promise<void> {
  await tx
    .sql<ScheduleTables>()
    .deleteFrom('job_schedule_firing')
    .where('schedule_id', '=', scheduleId)
    .where('fire_time', '<', beforeMs)
    .execute();
}

/** All schedules by id, each with its latest firing. */
export async function listSchedules(reader: Reader): Promise<ScheduleView[]> {
  const rows = await reader
    .sql<ScheduleTables>()
    .selectFrom('job_schedule as s')
    .leftJoin('job_schedule_firing as f', (join) =>
      join.onRef('f.schedule_id', '=', 's.id').on('f.fire_time', '=', (e) =>
        e
          .selectFrom('job_schedule_firing as l')
          .select((x) => x.fn.max('l.fire_time').as('latest'))
          .whereRef('l.schedule_id', '=', 's.id'),
      ),
    )
    .selectAll('s')
    .select(['f.fire_time', 'f.job_id'])
    .orderBy('s.id')
    .execute();
  return rows.map(({ fire_time, job_id, ...row }) => {
    const { nextFireMs, ...schedule } = fromRow(row);
    return {
      ...schedule,
      ...(nextFireMs === undefined || schedule.paused ? {} : { nextFireMs }),
      ...(fire_time === null ? {} : { lastFireMs: fire_time }),
      ...(job_id === null ? {} : { lastJobId: job_id }),
    };
  });
}
