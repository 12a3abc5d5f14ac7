import { type RawBuilder, sql } from 'kysely';
import type { Reader } from '../../../platform/db/index.js';
import { foldersAbove } from '../artifact-path-rules.js';
import type { TreeEntry, TreeFile } from '../file-types.js';
import type { FileStore } from './file-store.js';
import type { FileTables } from './file-tables.sql.js';

const COLUMNS = ['path', 'digest', 'size_bytes', 'created_at_ms'] as const;
// Any constant: it keeps these locks apart from those of others.
const TREE_LOCK = 4_601;

/** The tree on both engines: a folder is the range of paths from `FOLDER/` up to `FOLDER0`, for "0" comes after "/". */
export const sqlFileStore: FileStore = {
  lockTop: async (tx, path) => {
    if (tx.dialect !== 'postgres') return;
    const top = path.split('/')[0] ?? '';
    await sql`select pg_advisory_xact_lock(${TREE_LOCK}, hashtext(${top}))`.execute(tx.sql<FileTables>());
  },
  find: async (reader, path) => {
    const row = await reader
      .sql<FileTables>()
      .selectFrom('tracking_file')
      .select(COLUMNS)
      .where('path', '=', path)
      .executeTakeFirst();
    return row === undefined ? undefined : toFile(row);
  },
  clash: async (reader, path) => {
    const db = reader.sql<FileTables>();
    const above = foldersAbove(path);
    const file =
      above.length === 0
        ? undefined
        : await db.selectFrom('tracking_file').select('path').where('path', 'in', above).limit(1).executeTakeFirst();
    if (file !== undefined) return file.path;
    const inside = await db
      .selectFrom('tracking_file')
      .select('path')
      .where('path', '>=', `${path}/`)
      .where('path', '<', `${path}0`)
      .limit(1)
      .executeTakeFirst();
    return inside?.path;
  },
  upsert: async (tx, { path, digest, sizeBytes, createdAtMs }) => {
    const row = { digest, size_bytes: sizeBytes, created_at_ms: createdAtMs };
    await tx
      .sql<FileTables>()
      .insertInto('tracking_file')
      .values({ path, ...row })
      .onConflict((c) => c.column('path').doUpdateSet(row))
      .execute();
  },
  entries: listEntries,
  below: async (reader, folder) => {
    let query = reader.sql<FileTables>().selectFrom('tracking_file').select(COLUMNS);
    if (folder !== '') query = query.where('path', '>=', `${folder}/`).where('path', '<', `${folder}0`);
    return (await query.orderBy('path').execute()).map(toFile);
  },
  remove: async (tx, path) => {
    const rows = await tx
      .sql<FileTables>()
      .deleteFrom('tracking_file')
      .where((e) => e.or([e('path', '=', path), e.and([e('path', '>=', `${path}/`), e('path', '<', `${path}0`)])]))
      .returning(COLUMNS)
      .execute();
    return rows.map(toFile).sort((a, b) => (a.path < b.path ? -1 : 1));
  },
};

function toFile(row: { path: string; digest: string; size_bytes: number; created_at_ms: number }): TreeFile {
  return { path: row.path, digest: row.digest, sizeBytes: row.size_bytes, createdAtMs: row.created_at_ms };
}

/**
 * From entry to entry with one look into the index each: a folder with a million files below costs as much as one file.
 * After the entry at `path` comes whatever is not below its folder; after a file, the next possible path (no path has a
 * character below the space).
 */
async function listEntries(reader: Reader, folder: string): Promise<TreeEntry[]> {
  const prefix = folder === '' ? '' : `${folder}/`;
  const skip = [...prefix].length;
  const before = folder === '' ? sql`true` : sql`f.path < ${`${folder}0`}`;
  const rest = sql`substr(entry.path, ${sql.lit(skip + 1)})`;
  const slash = reader.dialect === 'postgres' ? sql`strpos(${rest}, '/')` : sql`instr(${rest}, '/')`;
  const first = (from: RawBuilder<unknown>) =>
    sql`(select f.path from tracking_file f where f.path >= ${from} and ${before} order by f.path limit 1)`;
  const next = sql`case when ${slash} = 0 then entry.path || ' '
    else substr(entry.path, 1, ${sql.lit(skip - 1)} + ${slash}) || '0' end`;
  const { rows } = await sql<{ path: string; size_bytes: number }>`
    with recursive entry(path) as (
      select ${first(sql`${prefix}`)}
      union all
      select ${first(next)} from entry where entry.path is not null
    )
    select entry.path, f.size_bytes from entry join tracking_file f on f.path = entry.path`.execute(
    reader.sql<FileTables>(),
  );
  return rows
    .map(({ path, size_bytes }) => {
      const [name = '', ...deeper] = path.slice(prefix.length).split('/');
      const isFolder = deeper.length > 0;
      return { name, isFolder, sizeBytes: isFolder ? null : size_bytes };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
