import { readFile, rm, unlink } from 'node:fs/promises';
import { toRows } from '@fairlead/frame';
import { systemActor } from '@fairlead/kernel';
import type { Db } from '../../../platform/db/index.js';
import { quoteLiteral } from '../../../platform/lake/index.js';
import type { ObjectStore } from '../../../platform/objects/index.js';
import type { ServingStore } from '../serving-store.js';
import type { CaptureLake } from './capture-types.js';
import { readSegment } from './segment-format.js';
import { segmentQuery } from './segment-table.js';

export interface CompactDeps {
  readonly db: Db;
  readonly store: ServingStore;
  readonly objects: ObjectStore;
  readonly lake: CaptureLake;
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
    const { lines, ...content } = readSegment(await readFile(segment.path));
    const path = await objects.stagingPath('.parquet');
    try {
      const { rows } = await lake.exportParquet(segmentQuery(segment.path, content), path);
      if (rows > 0) {
        const range = await timeRange(lake, path);
        const { digest, sizeBytes } = await objects.putFile(path, { move: true });
        const object = { segment: segment.id, endpoint: segment.endpoint, rowCount: rows, tornLines: lines - rows };
        await db.transact({ actor: systemActor }, (tx) =>
          store.insertCaptureObject(tx, { ...object, ...range, digest, sizeBytes }),
        );
      }
    } finally {
      // Moved when all went well; what a full disk took of it would make the disk fuller.
      await rm(path, { force: true });
    }
  }
  await unlink(segment.path);
}

async function timeRange(lake: CaptureLake, path: string): Promise<{ fromMs: number; untilMs: number }> {
  const found = await lake.query(`SELECT min(at_ms) AS a, max(at_ms) AS b FROM read_parquet(${quoteLiteral(path)})`);
  const [range] = toRows(found);
  return { fromMs: Number(range?.a), untilMs: Number(range?.b) };
}
