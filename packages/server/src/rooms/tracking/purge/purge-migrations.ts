import { type Kysely, sql } from 'kysely';
import type { Dialect } from '../../../platform/db/index.js';

/** What was removed for good: its id, so that nobody gets it again, and what of it is still to go. */
export async function createPurged(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const number = dialect === 'sqlite' ? 'integer' : 'bigint';
  const statements = [
    `create table tracking_purged (kind text not null, id text not null, experiment_id text not null,
      purged_at_ms ${number} not null, purge_id text not null, root text, files_left integer not null,
      points ${number} not null, files ${number} not null, size_bytes ${number} not null, primary key (kind, id))`,
    'create index tracking_purged_by_purge on tracking_purged (purge_id)',
    'create index tracking_purged_files_left on tracking_purged (id) where files_left = 1',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
