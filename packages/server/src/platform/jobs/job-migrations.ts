import { type Kysely, sql } from 'kysely';
import type { RoomMigrations } from '../db/index.js';

async function createJobTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('job')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('dedupe_key', 'text')
    .addColumn('limit_key', 'text')
    .addColumn('priority', 'integer', (c) => c.notNull())
    .addColumn('run_at', 'bigint', (c) => c.notNull())
    .addColumn('scheduled_for', 'bigint')
    .addColumn('max_attempts', 'integer', (c) => c.notNull())
    .addColumn('timeout_ms', 'bigint')
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('losses', 'integer', (c) => c.notNull())
    .addColumn('fence', 'bigint', (c) => c.notNull())
    .addColumn('owner', 'text')
    .addColumn('lease_until', 'bigint')
    .addColumn('deadline', 'bigint')
    .addColumn('cancel_requested', 'integer', (c) => c.notNull())
    .addColumn('progress_ratio', 'double precision', (c) => c.notNull())
    .addColumn('progress_message', 'text', (c) => c.notNull())
    .addColumn('result', 'text')
    .addColumn('error', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('started_at', 'bigint')
    .addColumn('finished_at', 'bigint')
    .execute();
  // Partial: their size follows the work in hand, not the history.
  for (const index of [
    `create index job_ready on job (kind, priority desc, run_at, id) where state = 'queued'`,
    `create index job_running on job (owner) where state = 'running'`,
    `create unique index job_dedupe on job (kind, dedupe_key)
       where dedupe_key is not null and state in ('queued', 'running')`,
    `create index job_by_kind on job (kind, id)`,
  ]) {
    await sql.raw(index).execute(db);
  }
  // One row whose write lock makes claims under a limit one after the other, in both engines.
  await db.schema
    .createTable('job_gate')
    .addColumn('turns', 'bigint', (c) => c.notNull())
    .execute();
  await sql`insert into job_gate (turns) values (0)`.execute(db);
}

async function createScheduleTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('job_schedule')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('cron', 'text', (c) => c.notNull())
    .addColumn('timezone', 'text', (c) => c.notNull())
    .addColumn('catch_up', 'text', (c) => c.notNull())
    .addColumn('job', 'text', (c) => c.notNull())
    .addColumn('paused', 'integer', (c) => c.notNull())
    .addColumn('next_fire', 'bigint')
    .execute();
  await db.schema
    .createTable('job_schedule_firing')
    .addColumn('schedule_id', 'text', (c) => c.notNull())
    .addColumn('fire_time', 'bigint', (c) => c.notNull())
    .addColumn('job_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('job_schedule_firing_pk', ['schedule_id', 'fire_time'])
    .execute();
}

export const jobMigrations: RoomMigrations = {
  room: 'platform-jobs',
  migrations: [
    {
      id: '001-jobs',
      up: async (db) => {
        await createJobTable(db);
        await createScheduleTables(db);
      },
    },
  ],
};
