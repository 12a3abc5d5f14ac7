import { readFile, unlink } from 'node:fs/promises';
import { systemActor } from '@fairlead/kernel';
import type { Db } from '../../../platform/db/index.js';
import type { ObjectStore } from '../../../platform/objects/index.js';
import type { ServingStore } from '../serving-store.js';
import type { ParquetFiles } from './capture-types.js';
import { parseSegment } from './segment-format.js';
import { segmentTable } from './segment-table.js';

export interface CompactDeps {
  readonly db: Db;
  readonly store: ServingStore;
  readonly objects: ObjectStore;
  readonly lake: ParquetFiles;
}

/**
 * Turns a sealed segment into one Parquet object and a row of the index, then removes the file. Whatever moment it is killed
 * at, the next call ends the work: the index row is what decides, so no row is lost or counted twice.
 */
export async function compactSegment(
  { db, store, objects, lake }: CompactDeps,
  segment: { readonly endpoint: string; readonly id: string; readonly path: string },
): Promise<void> {
  if (!(await store.hasCaptureSegment(db, segment.id))) {
    const { rows, kinds, tornLines } = await parseSegment(await readFile(segment.path));
    if (rows.length > 0) {
      const path = await objects.stagingPath('.parquet');
      await lake.writeParquet(await segmentTable({ rows, kinds }), path);
      const { digest, sizeBytes } = await objects.putFile(path, { move: true });
      const { fromMs, untilMs } = timeRange(rows);
      const object = { segment: segment.id, endpoint: segment.endpoint, rowCount: rows.length, tornLines };
      await db.transact({ actor: systemActor }, (tx) =>
        store.insertCaptureObject(tx, { ...object, digest, sizeBytes, fromMs, untilMs }),
      );
    }
  }
  await unlink(segment.path);
}

function timeRange(rows: readonly { readonly atMs: number }[]): { fromMs: number; untilMs: number } {
  let fromMs = Infinity;
  let untilMs = -Infinity;
  for (const { atMs } of rows) {
    if (atMs < fromMs) fromMs = atMs;
    if (atMs > untilMs) untilMs = atMs;
  }
  return { fromMs, untilMs };
}
