import { rm, stat } from 'node:fs/promises';
import { systemActor } from '@fairlead/kernel';
import type { Db } from '../../../platform/db/index.js';
import type { ObjectStore } from '../../../platform/objects/index.js';
import type { ServingStore } from '../serving-store.js';
import type { CaptureLake, SegmentFile } from './capture-types.js';
import type { CompactAnswer, CompactRequest } from './compaction-worker.js';

export interface CompactDeps {
  readonly db: Db;
  readonly store: ServingStore;
  readonly objects: ObjectStore;
  readonly lake: CaptureLake;
}

/** Has a thread make Parquet of a segment. */
export type MakeParquet = (request: Omit<CompactRequest, 'yields'>) => Promise<CompactAnswer>;

/**
 * Turns a sealed segment into one Parquet object and a row of the index, then removes the file. Whatever moment it is killed
 * at, the next call ends the work: the index row is what decides, so no row is lost or counted twice.
 */
export async function compactSegment(
  { db, store, objects }: CompactDeps,
  makeParquet: MakeParquet,
  { id, endpoint, path }: SegmentFile,
): Promise<void> {
  // Its file was perhaps never made.
  if ((await exists(path)) && !(await store.hasCaptureSegment(db, id))) {
    const target = await objects.stagingPath('.parquet');
    try {
      const { rows, torn, ...range } = await makeParquet({ segment: path, target });
      if (rows > 0) {
        const { digest, sizeBytes } = await objects.putFile(target, { move: true });
        const object = { segment: id, endpoint, rowCount: rows, tornLines: torn };
        await db.transact({ actor: systemActor }, (tx) =>
          store.insertCaptureObject(tx, { ...object, ...range, digest, sizeBytes }),
        );
      }
    } finally {
      // Moved when all went well; what a full disk took of it would make the disk fuller.
      await rm(target, { force: true });
    }
  }
  await rm(path, { force: true });
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
