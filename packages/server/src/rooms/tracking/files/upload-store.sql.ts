import type { UploadStore } from './file-store.js';
import type { FileTables } from './file-tables.sql.js';

/** Uploads under way and their parts. */
export const sqlUploadStore: UploadStore = {
  insert: async (tx, { id, path, parts, createdAtMs, expiresAtMs }) => {
    await tx
      .sql<FileTables>()
      .insertInto('tracking_upload')
      .values({
        id,
        path,
        parts,
        created_at_ms: createdAtMs,
        expires_at_ms: expiresAtMs,
        digest: null,
        size_bytes: null,
        finished_at_ms: null,
      })
      .execute();
  },
  find: async (reader, id, { lock } = { lock: false }) => {
    const query = reader.sql<FileTables>().selectFrom('tracking_upload').selectAll().where('id', '=', id);
    const row = await (lock && reader.dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
    if (row === undefined) return undefined;
    const { digest, size_bytes: sizeBytes, finished_at_ms: finishedAtMs } = row;
    return {
      id,
      path: row.path,
      parts: row.parts,
      createdAtMs: row.created_at_ms,
      expiresAtMs: row.expires_at_ms,
      result:
        digest === null || sizeBytes === null || finishedAtMs === null
          ? null
          : { digest, sizeBytes, createdAtMs: finishedAtMs },
    };
  },
  countOpen: async (reader) => {
    const row = await reader
      .sql<FileTables>()
      .selectFrom('tracking_upload')
      .select((e) => e.fn.countAll<number>().as('open'))
      .where('digest', 'is', null)
      .executeTakeFirstOrThrow();
    return Number(row.open);
  },
  parts: async (reader, id) => {
    const rows = await reader
      .sql<FileTables>()
      .selectFrom('tracking_upload_part')
      .select(['part_number', 'digest', 'size_bytes'])
      .where('upload_id', '=', id)
      .orderBy('part_number')
      .execute();
    return rows.map((row) => ({ partNumber: row.part_number, etag: row.digest, sizeBytes: row.size_bytes }));
  },
  upsertPart: async (tx, id, { partNumber, etag, sizeBytes }) => {
    const row = { digest: etag, size_bytes: sizeBytes };
    await tx
      .sql<FileTables>()
      .insertInto('tracking_upload_part')
      .values({ upload_id: id, part_number: partNumber, ...row })
      .onConflict((c) => c.columns(['upload_id', 'part_number']).doUpdateSet(row))
      .execute();
  },
  setExpiry: async (tx, id, expiresAtMs) => {
    await tx
      .sql<FileTables>()
      .updateTable('tracking_upload')
      .set({ expires_at_ms: expiresAtMs })
      .where('id', '=', id)
      .execute();
  },
  finish: async (tx, id, { digest, sizeBytes, createdAtMs }) => {
    await tx
      .sql<FileTables>()
      .updateTable('tracking_upload')
      .set({ digest, size_bytes: sizeBytes, finished_at_ms: createdAtMs })
      .where('id', '=', id)
      .execute();
  },
  remove: async (tx, id) => {
    await tx.sql<FileTables>().deleteFrom('tracking_upload').where('id', '=', id).execute();
  },
  expired: async (reader, nowMs) => {
    const rows = await reader
      .sql<FileTables>()
      .selectFrom('tracking_upload')
      .select('id')
      .where('expires_at_ms', '<=', nowMs)
      .execute();
    return rows.map(({ id }) => id);
  },
  known: async (reader, ids) => {
    if (ids.length === 0) return new Set();
    const rows = await reader
      .sql<FileTables>()
      .selectFrom('tracking_upload')
      .select('id')
      .where('id', 'in', [...ids])
      .execute();
    return new Set(rows.map(({ id }) => id));
  },
};
