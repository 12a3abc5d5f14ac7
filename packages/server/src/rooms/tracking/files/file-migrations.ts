import { type Kysely, sql } from 'kysely';
import type { Dialect } from '../../../platform/db/index.js';

/** The tree of files takes the place of the files of each run; what is there moves to `EXPERIMENT/RUN/artifacts/PATH`. */
export async function createFiles(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  // Folders are ranges of paths, so paths compare byte by byte on both engines.
  const table = db.schema
    .createTable('tracking_file')
    .addColumn('path', dialect === 'postgres' ? sql`text collate "C"` : 'text', (c) => c.primaryKey())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('size_bytes', 'bigint', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull());
  // Without the hidden row number the table is its own index: paths are long and would be stored twice.
  await (dialect === 'sqlite' ? table.modifyEnd(sql`without rowid`) : table).execute();
  await db.schema.createIndex('tracking_file_by_digest').on('tracking_file').column('digest').execute();
  await db.schema
    .createTable('tracking_upload')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('parts', 'integer', (c) => c.notNull())
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('expires_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('digest', 'text')
    .addColumn('size_bytes', 'bigint')
    .addColumn('finished_at_ms', 'bigint')
    .execute();
  await db.schema
    .createTable('tracking_upload_part')
    .addColumn('upload_id', 'text', (c) => c.notNull().references('tracking_upload.id').onDelete('cascade'))
    .addColumn('part_number', 'integer', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('size_bytes', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('tracking_upload_part_pk', ['upload_id', 'part_number'])
    .execute();
  await carryOver(db, dialect);
}

async function carryOver(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await sql`
    insert into tracking_file (path, digest, size_bytes, created_at_ms)
    select e.id || '/' || r.id || '/artifacts/' || a.path, a.digest, a.size_bytes, a.created_at_ms
    from tracking_artifact a join tracking_run r on r.id = a.run_id
    join tracking_experiment e on e.no = r.experiment_no`.execute(db);
  await db.schema.dropTable('tracking_artifact').execute();
  const notAscii = dialect === 'postgres' ? sql`path ~ '[^ -~]'` : sql`path glob '*[^ -~]*'`;
  const { rows } = await sql<{ path: string }>`select path from tracking_file where ${notAscii}`.execute(db);
  for (const { path } of rows) {
    const canonical = path.normalize('NFC');
    // Where both spellings exist the other one stays as it is: no bytes are lost, and listings show it.
    if (canonical !== path && !rows.some((row) => row.path === canonical)) {
      await sql`update tracking_file set path = ${canonical} where path = ${path}`.execute(db);
    }
  }
}
