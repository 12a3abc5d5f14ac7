import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Moment } from './bucket-rules.js';
import type { PointRow } from './tracking-tables.sql.js';

/** How many points one chunk of samples stands for, at least; the last of a sealing may be shorter. */
export interface Level {
  readonly level: number;
  readonly size: number;
}

export const FINE: Level = { level: 1, size: 128 };
export const COARSE: Level = { level: 2, size: 1024 };

/** `points`: how many points its chunk has, in the first row of the chunk; 0 in the others. */
export type SampleRow = PointRow & { readonly points: number };

export function toMoment({ step, timestamp_ms }: PointRow): Moment {
  return { step, timestampMs: timestamp_ms };
}

/**
 * `in_time`: 1 while time never runs backwards from step to step in what is sampled; then pages by time are read in the order
 * of the key. Chunks end where the next begins: the mark of their last row goes.
 */
export async function markSeriesInTime(db: Kysely<unknown>): Promise<void> {
  await sql`alter table tracking_series add column in_time integer not null default 1`.execute(db);
  await sql`
    update tracking_series set in_time = 0 where sealed_step is not null and exists (
      select 1 from (
        select timestamp_ms, lag(timestamp_ms) over (order by step, timestamp_ms) as before_ms from tracking_point p
        where p.series_no = tracking_series.no
      ) as moved where timestamp_ms < before_ms
    )`.execute(db);
  await sql`update tracking_series set loose = points where loose < 0`.execute(db);
  await sql`alter table tracking_sample drop column ends`.execute(db);
}
