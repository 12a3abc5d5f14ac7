import type { ArtifactStore } from './tracking-store.js';
import type { TrackingTables } from './tracking-tables.sql.js';

/** The files of runs: path → object digest. */
export const sqlArtifactStore: ArtifactStore = {
  upsert: async (tx, runId, { path, digest, sizeBytes, createdAtMs }) => {
    const row = { digest, size_bytes: sizeBytes, created_at_ms: createdAtMs };
    await tx
      .sql<TrackingTables>()
      .insertInto('tracking_artifact')
      .values({ run_id: runId, path, ...row })
      .onConflict((c) => c.columns(['run_id', 'path']).doUpdateSet(row))
      .execute();
  },
  list: async (reader, runId) => {
    const rows = await reader
      .sql<TrackingTables>()
      .selectFrom('tracking_artifact')
      .select(['path', 'digest', 'size_bytes'])
      .where('run_id', '=', runId)
      .orderBy('path')
      .execute();
    return rows.map(({ path, digest, size_bytes }) => ({ path, digest, sizeBytes: size_bytes }));
  },
  find: async (reader, runId, path) => {
    const row = await reader
      .sql<TrackingTables>()
      .selectFrom('tracking_artifact')
      .select(['path', 'digest', 'size_bytes'])
      .where('run_id', '=', runId)
      .where('path', '=', path)
      .executeTakeFirst();
    return row === undefined ? undefined : { path: row.path, digest: row.digest, sizeBytes: row.size_bytes };
  },
};
