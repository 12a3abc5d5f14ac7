import { sql } from 'kysely';
import type { Migration } from '../../platform/db/index.js';

/**
 * Experiment 0 was made with the time 0. It gets that of the first thing known here, at the latest now, which on a new
 * server is the time of its first start.
 */
export const timeOfDefaultExperiment: Migration = {
  id: '006-time-of-default-experiment',
  up: async (db, dialect) => {
    const now =
      dialect === 'sqlite'
        ? `cast((julianday('now') - 2440587.5) * 86400000 as integer)`
        : 'cast(extract(epoch from now()) * 1000 as bigint)';
    const first = `coalesce((select min(at_ms) from (
        select started_at_ms as at_ms from tracking_run union all select created_at_ms from tracking_experiment
      ) known where at_ms > 0), ${now})`;
    const least = dialect === 'sqlite' ? 'min' : 'least';
    await sql
      .raw(
        `update tracking_experiment set created_at_ms = ${least}(${first}, ${now}),
          updated_at_ms = case when updated_at_ms > 0 then updated_at_ms else ${least}(${first}, ${now}) end
         where id = '0' and created_at_ms = 0`,
      )
      .execute(db);
  },
};
